-- Faults: how often each backend could not answer, and in which way.
--
-- fault  the short stable name of the error (refused, http_401, timeout_first_byte, bad_json, …)
-- n      faults; one request may meet several, when the next backend of the chain fails too
--
-- Traps: a backend that an open circuit breaker keeps from being asked has no faults.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model or day.
SELECT
    CASE :by
        WHEN 'language' THEN language
        WHEN 'backend' THEN backend
        WHEN 'model' THEN model
        WHEN 'day' THEN date(at, 'unixepoch', 'localtime')
    END AS "group",
    backend,
    model,
    fault,
    count(*) AS n
FROM events
WHERE event = 'backend_fault' AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, 3, 4
ORDER BY 1, n DESC, 2, 3, 4;
