-- Latency distribution: how many suggestions were answered within which time, per source.
--
-- bucket_ms  upper bound of the bucket: 1, 2, 5, 10, 20, 50, … 10000 milliseconds; the last holds all that took longer
-- n          answered requests in it; alternatives of one request count once
--
-- Traps: as of latency.sql. Buckets grow, so that their bars are not densities.
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
bounds (bucket_ms) AS (VALUES (1), (2), (5), (10), (20), (50), (100), (200), (500), (1000), (2000), (5000), (10000))
SELECT
    "group",
    source,
    (SELECT min(bucket_ms) FROM bounds WHERE bucket_ms >= min(answers.latency_ms, 10000)) AS bucket_ms,
    count(*) AS n
FROM answers
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
