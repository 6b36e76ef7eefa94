-- Acceptance by characters: of the code points that were shown, how many did the user take?
--
-- shown_chars      code points of the shown chains' texts, each chain once
-- accepted_chars   code points that acceptance put in, by whole or by parts; keys typed along are not in it
-- acceptance_rate  accepted_chars / shown_chars; NULL where nothing was shown
-- accepted_lines   lines of the chains that were accepted whole
--
-- Traps: one long suggestion outweighs many short ones, so read this beside the rate by count. What was taken may have been
-- deleted right after.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    sum(n_chars) AS shown_chars,
    sum(accepted_chars) AS accepted_chars,
    sum(CASE WHEN outcome = 'accepted' THEN n_lines ELSE 0 END) AS accepted_lines,
    1.0 * sum(accepted_chars) / nullif(sum(n_chars), 0) AS acceptance_rate
FROM chains
WHERE shown AND (:since IS NULL OR offered_at >= :since)
GROUP BY 1
ORDER BY 1;
