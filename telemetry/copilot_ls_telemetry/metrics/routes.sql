-- Routes: whom requests were sent to, and who was passed over and why.
--
-- what    asked or passed over
-- how     of those asked: answered, failed, cancelled; of those passed over: the reason (resting, max_spend_per_day, …)
-- n       decisions; one request may make several, for each backend of its route one
-- tries   requests sent for them, retries included; NULL for those passed over
--
-- Traps: answers from a cache need no decision. Prefetches make some, though nobody asked for them yet.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    task,
    backend,
    CASE what WHEN 'backend_asked' THEN 'asked' ELSE 'passed over' END AS what,
    how,
    sum(n) AS n,
    sum(tries) AS tries
FROM event_facts
WHERE slice = coalesce(:by, 'all') AND what IN ('backend_asked', 'backend_passed_over') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, n DESC, 3, 4, 5;
