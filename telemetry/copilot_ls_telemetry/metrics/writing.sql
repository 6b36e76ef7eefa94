-- Writing: how much of the code was written by suggestions, and how many keys that saved.
--
-- typed_chars      code points that came key by key
-- accepted_chars   code points that acceptance put in, by whole or by parts
-- accepts          keys pressed for it: acceptances, each part counted
-- other_chars      code points that came at once and were no accepted suggestion: pasted, completed from a menu, formatted
-- deleted_chars    code points that went
-- share            accepted_chars / (typed_chars + accepted_chars); NULL where nothing was written
-- keystrokes_saved (accepted_chars - accepts) / (typed_chars + accepted_chars)
--
-- Traps: what is pasted belongs to neither. Brackets and indentation that the editor adds with a key count as typed. Of
-- tasks, backends, models and lines only acceptances are known: grouped by those, only accepted_chars and accepts say
-- something.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH written AS (
    SELECT "group", sum(typed_chars) AS typed, sum(inserted_chars) AS inserted, sum(deleted_chars) AS deleted
    FROM event_facts
    WHERE slice = coalesce(:by, 'all') AND what = 'written' AND (:since IS NULL OR at >= :since)
    GROUP BY 1
),
taken AS (
    SELECT "group", sum(accepted_chars) AS chars, sum(accepts) AS accepts
    FROM chain_facts
    WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
    GROUP BY 1
),
groups AS (
    SELECT "group" FROM written
    UNION
    SELECT "group" FROM taken
)
SELECT
    groups."group",
    coalesce(written.typed, 0) AS typed_chars,
    coalesce(taken.chars, 0) AS accepted_chars,
    coalesce(taken.accepts, 0) AS accepts,
    max(coalesce(written.inserted, 0) - coalesce(taken.chars, 0), 0) AS other_chars,
    coalesce(written.deleted, 0) AS deleted_chars,
    1.0 * taken.chars / nullif(coalesce(written.typed, 0) + coalesce(taken.chars, 0), 0) AS share,
    1.0 * (taken.chars - taken.accepts) / nullif(coalesce(written.typed, 0) + coalesce(taken.chars, 0), 0) AS keystrokes_saved
FROM groups
LEFT JOIN written ON written."group" IS groups."group"
LEFT JOIN taken ON taken."group" IS groups."group"
ORDER BY 1;
