-- Requests: what became of what the editor asked for.
--
-- requested   requests received
-- skipped     … of which the gate let none reach a backend
-- superseded  … of which a newer one took the place
-- discarded   … whose answer came to nothing
-- answered    … which got at least one suggestion
--
-- Traps: the four do not add up to `requested` while requests run, or when a server was killed. Backend and model are not
-- known of requests, skips and supersessions: grouped by those, they stand under NULL.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    sum(CASE what WHEN 'requested' THEN n ELSE 0 END) AS requested,
    sum(CASE what WHEN 'skipped' THEN n ELSE 0 END) AS skipped,
    sum(CASE what WHEN 'superseded' THEN n ELSE 0 END) AS superseded,
    sum(CASE what WHEN 'discarded' THEN n ELSE 0 END) AS discarded,
    sum(CASE what WHEN 'answered' THEN n ELSE 0 END) AS answered
FROM event_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
    AND what IN ('requested', 'skipped', 'superseded', 'discarded', 'answered')
GROUP BY 1
ORDER BY 1;
