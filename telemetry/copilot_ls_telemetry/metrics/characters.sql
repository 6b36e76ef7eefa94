-- Acceptance by characters: of the code points that were shown, how many did the user take?
--
-- shown_chars      code points of the shown chains' texts, each chain once
-- accepted_chars   code points that acceptance put in, by whole or by parts; keys typed along are not in it
-- acceptance_rate  accepted_chars / shown_chars; NULL where nothing was shown
-- accepted_lines   lines of the chains that were accepted whole
--
-- Traps: one long suggestion outweighs many short ones, so read this beside the rate by count. What was taken may have been
-- deleted right after.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    sum(shown_chars) AS shown_chars,
    sum(shown_accepted_chars) AS accepted_chars,
    sum(accepted_lines) AS accepted_lines,
    1.0 * sum(shown_accepted_chars) / nullif(sum(shown_chars), 0) AS acceptance_rate
FROM chain_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
GROUP BY 1
HAVING sum(shown) > 0
ORDER BY 1;
