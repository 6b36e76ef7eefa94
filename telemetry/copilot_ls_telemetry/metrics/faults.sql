-- Faults: how often each backend could not answer, and in which way.
--
-- fault  the short stable name of the error (refused, http_401, timeout_first_byte, bad_json, …)
-- n      faults; one request may meet several, when the next backend of the chain fails too
-- asked  turns of the backend and model, failed ones included
-- rate   n / asked
--
-- Traps: a backend that an open circuit breaker keeps from being asked has no faults.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH turns AS (
    SELECT "group", backend, model, what, how, sum(n) AS n
    FROM event_facts
    WHERE slice = coalesce(:by, 'all') AND what IN ('backend_fault', 'backend_asked') AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3, 4, 5
),
asked AS (
    SELECT "group", backend, model, sum(n) AS asked
    FROM turns
    WHERE what = 'backend_asked'
    GROUP BY 1, 2, 3
)
SELECT
    turns."group",
    turns.backend,
    turns.model,
    turns.how AS fault,
    turns.n AS n,
    asked.asked,
    1.0 * turns.n / asked.asked AS rate
FROM turns
LEFT JOIN asked ON asked."group" IS turns."group" AND asked.backend = turns.backend AND asked.model = turns.model
WHERE turns.what = 'backend_fault'
ORDER BY 1, turns.n DESC, 2, 3, 4;
