-- Retention: how much of what was accepted is still there, by the time since.
--
-- moment          15s, 30s, 120s, 300s, 600s after the acceptance; at the first save, close and commit after it
-- n               accepted suggestions, whole or in part, that were looked at then
-- kept            mean share of their lexemes (words, numbers, signs) that still stand in their order
-- kept_by_chars   share of their accepted code points that is left: long ones weigh more
-- survived        suggestions whose text is at most half rewritten, by edit distance in lexemes
-- survival_rate   survived / n
--
-- Traps: a document that is closed and gone, another branch, and a session that ends leave no row, so that later moments
-- have fewer suggestions, and other ones. Text that was typed between accepted words belongs to the suggestion.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN chains.language WHEN 'backend' THEN chains.backend WHEN 'model' THEN chains.model WHEN 'day' THEN chains.day
        WHEN 'hour' THEN chains.hour WHEN 'task' THEN chains.task WHEN 'workspace' THEN chains.workspace WHEN 'lines' THEN chains.lines END AS "group",
    looks.moment,
    count(*) AS n,
    avg(looks.kept) AS kept,
    1.0 * sum(looks.kept_chars) / nullif(sum(chains.accepted_chars), 0) AS kept_by_chars,
    sum(looks.survives) AS survived,
    1.0 * sum(looks.survives) / count(*) AS survival_rate
FROM events AS looks
JOIN chains ON chains.session_id = looks.session_id AND chains.chain_id = looks.chain_id
WHERE looks.event = 'retention_checked' AND (:since IS NULL OR chains.offered_at >= :since)
GROUP BY 1, 2
ORDER BY 1, CASE looks.moment WHEN 'save' THEN 1e6 WHEN 'close' THEN 2e6 WHEN 'commit' THEN 3e6 ELSE CAST(looks.moment AS INTEGER) END;
