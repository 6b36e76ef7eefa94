-- Latency: milliseconds from the request to the answered suggestion, per source.
--
-- n       answered requests; alternatives of one request count once
-- p50_ms  median; p95_ms 95th percentile: the smallest latency that at least that share of answers did not exceed (nearest rank)
--
-- Traps: requests that were superseded, skipped or came to nothing have no latency here, so a slow backend whose answers are
-- mostly superseded looks faster than it feels. Compare `superseded` in requests.sql.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH answers AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
        source,
        latency_ms
    FROM dated
    WHERE event = 'generated' AND (:since IS NULL OR at >= :since)
    GROUP BY session_id, request_id
    HAVING id = min(id)
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY "group", source ORDER BY latency_ms) AS rank,
        count(*) OVER (PARTITION BY "group", source) AS n
    FROM answers
)
SELECT
    "group",
    source,
    n,
    min(CASE WHEN rank >= 0.50 * n THEN latency_ms END) AS p50_ms,
    min(CASE WHEN rank >= 0.95 * n THEN latency_ms END) AS p95_ms
FROM ranked
GROUP BY "group", source
ORDER BY "group", source;
