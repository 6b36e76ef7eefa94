-- Reasons: why a request was skipped, an answer discarded, or a shown suggestion ignored.
--
-- what    skipped (by the gate, no backend asked), discarded (an answer came to nothing), ignored (shown, then passed over)
-- reason  its short stable name
-- n       skipped and discarded: requests; ignored: shown chains
--
-- Traps: skipped requests have no backend or model: grouped by those, they stand under NULL.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    what,
    how AS reason,
    sum(n) AS n
FROM event_facts
WHERE slice = coalesce(:by, 'all') AND what IN ('skipped', 'discarded', 'ignored') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, 3
ORDER BY 1, 2, n DESC, 3;
