-- Latency distribution: how many suggestions were answered within which time, per source.
--
-- bucket_ms  upper bound of the bucket: 1, 2, 5, 10, 20, 50, … 10000 milliseconds; the last holds all that took longer
-- n          answered requests in it; alternatives of one request count once
--
-- Traps: as of latency.sql. Buckets grow, so that their bars are not densities.
-- Of days in the totals: as of latency.sql, so that a time at the very bound of a bucket may count for its neighbour.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH bounds (bucket_ms) AS (VALUES (1), (2), (5), (10), (20), (50), (100), (200), (500), (1000), (2000), (5000), (10000))
SELECT
    "group",
    how AS source,
    (SELECT min(bucket_ms) FROM bounds WHERE bucket_ms >= min(value, 10000)) AS bucket_ms,
    sum(n) AS n
FROM time_facts
WHERE slice = coalesce(:by, 'all') AND what = 'answered' AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
