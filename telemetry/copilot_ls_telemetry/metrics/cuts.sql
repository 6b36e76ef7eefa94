-- Cuts: which post-processing filters took something away, and how often nothing was left.
--
-- filter      the filter's name
-- shortened   generations it shortened, of which something was left
-- discarded   generations it took part in reducing to nothing
--
-- Traps: several filters may have cut one generation, which then counts for each of them: the columns do not add up.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    cut.value AS filter,
    sum(event = 'generated') AS shortened,
    sum(event = 'discarded') AS discarded
FROM dated, json_each(dated.cut_by) AS cut
WHERE event IN ('generated', 'discarded') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2
ORDER BY 1, count(*) DESC, 2;
