-- Reliability: whether suggestions were taken as often as the backend that made them said, by what it said in tenths.
--
-- backend     who said how sure it was
-- said        mean confidence of these suggestions, 0 to 1
-- taken       share of them that were accepted, in whole or in part, or typed out
-- n           chains that were shown and ended in one of these ways, or rejected, or ignored because typing disagreed
--
-- The expected calibration error of a backend is the mean of |said - taken| over its rows, weighted by n.
-- Traps: chains that the cursor left, or that another suggestion displaced, say nothing of whether they were right, and are
-- not counted. A suggestion that is right may be typed on past without being noticed.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    backend,
    sum(said) / sum(n) AS said,
    1.0 * sum(taken) / sum(n) AS taken,
    sum(n) AS n
FROM reliability_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2, tenth
ORDER BY 1, 2, tenth;
