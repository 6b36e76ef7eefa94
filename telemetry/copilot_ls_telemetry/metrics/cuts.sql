-- Cuts: which post-processing filters took something away, and how often nothing was left.
--
-- filter      the filter's name
-- shortened   generations it shortened, of which something was left
-- discarded   generations it took part in reducing to nothing
--
-- Traps: several filters may have cut one generation, which then counts for each of them: the columns do not add up.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    how AS filter,
    sum(CASE what WHEN 'shortened' THEN n ELSE 0 END) AS shortened,
    sum(CASE what WHEN 'shortened' THEN 0 ELSE n END) AS discarded
FROM event_facts
WHERE slice = coalesce(:by, 'all') AND what IN ('shortened', 'cut to nothing') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2
ORDER BY 1, sum(n) DESC, 2;
