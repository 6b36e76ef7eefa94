-- Time visible: how long shown suggestions stood there before they ended, by how they ended.
--
-- outcome  accepted, partially_accepted, typed, rejected or ignored
-- n        shown suggestions that ended so
-- p50_s    median seconds from being shown to the end; p95_s 95th percentile (nearest rank)
--
-- Traps: where showing is inferred, it counts from 750 ms after the answer, so that nothing is visible for less than that.
-- A suggestion that is offered anew for every key is visible from its first showing on.
-- Of days in the totals: n is exact; each time is kept within 9 %, and so are the percentiles. A :since in the midst of
-- such a day counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH sums AS (
    SELECT "group", how, value, sum(n) AS n
    FROM time_facts
    WHERE slice = coalesce(:by, 'all') AND what = 'visible' AND (:since IS NULL OR at >= :since)
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
    how AS outcome,
    sum(n) AS n,
    min(CASE WHEN rank >= 0.50 * total THEN value END) AS p50_s,
    min(CASE WHEN rank >= 0.95 * total THEN value END) AS p95_s
FROM ranked
GROUP BY "group", how
ORDER BY "group", n DESC, outcome;
