-- Faults: how often each backend could not answer, and in which way.
--
-- fault  the short stable name of the error (refused, http_401, timeout_first_byte, bad_json, …)
-- n      faults; one request may meet several, when the next backend of the chain fails too
-- asked  turns of the backend and model, failed ones included
-- rate   n / asked
--
-- Traps: a backend that an open circuit breaker keeps from being asked has no faults.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH turns AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
        backend,
        model,
        event,
        fault
    FROM dated
    WHERE event IN ('backend_fault', 'backend_asked') AND (:since IS NULL OR at >= :since)
),
asked AS (
    SELECT "group", backend, model, count(*) AS asked
    FROM turns
    WHERE event = 'backend_asked'
    GROUP BY 1, 2, 3
)
SELECT
    turns."group",
    turns.backend,
    turns.model,
    turns.fault,
    count(*) AS n,
    asked.asked,
    1.0 * count(*) / asked.asked AS rate
FROM turns
LEFT JOIN asked ON asked."group" IS turns."group" AND asked.backend = turns.backend AND asked.model = turns.model
WHERE turns.event = 'backend_fault'
GROUP BY 1, 2, 3, 4
ORDER BY 1, n DESC, 2, 3, 4;
