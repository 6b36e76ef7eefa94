-- Latency: milliseconds from the request to the answered suggestion, per source.
--
-- n       answered requests; alternatives of one request count once
-- p50_ms  median; p95_ms 95th percentile: the smallest latency that at least that share of answers did not exceed (nearest rank)
--
-- Traps: requests that were superseded, skipped or came to nothing have no latency here, so a slow backend whose answers are
-- mostly superseded looks faster than it feels. Compare `superseded` in requests.sql.
-- Of days in the totals: n is exact; each time is kept within 4.5 %, and so are the percentiles. A :since in the midst of
-- such a day counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH sums AS (
    SELECT "group", how, value, sum(n) AS n
    FROM time_facts
    WHERE slice = coalesce(:by, 'all') AND what = 'answered' AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
),
ranked AS (
    SELECT
        *,
        sum(n) OVER (PARTITION BY "group", how ORDER BY value) AS rank,
        sum(n) OVER (PARTITION BY "group", how) AS total
    FROM sums
)
SELECT
    "group",
    how AS source,
    sum(n) AS n,
    min(CASE WHEN rank >= 0.50 * total THEN value END) AS p50_ms,
    min(CASE WHEN rank >= 0.95 * total THEN value END) AS p95_ms
FROM ranked
GROUP BY "group", how
ORDER BY "group", source;
