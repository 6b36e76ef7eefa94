-- Reasons: why a request was skipped, an answer discarded, or a shown suggestion ignored.
--
-- what    skipped (by the gate, no backend asked), discarded (an answer came to nothing), ignored (shown, then passed over)
-- reason  its short stable name
-- n       skipped and discarded: requests; ignored: shown chains
--
-- Traps: skipped requests have no backend or model: grouped by those, they stand under NULL.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH causes AS (
    SELECT event AS what, reason, language, backend, model, day, hour, task, workspace, lines
    FROM dated
    WHERE event IN ('skipped', 'discarded') AND (:since IS NULL OR at >= :since)
    UNION ALL
    SELECT
        'ignored', events.reason, chains.language, chains.backend, chains.model, chains.day, chains.hour, chains.task,
        chains.workspace, chains.lines
    FROM events
    JOIN chains USING (session_id, chain_id)
    WHERE events.event = 'ignored' AND chains.shown AND chains.outcome = 'ignored'
        AND (:since IS NULL OR chains.offered_at >= :since)
)
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    what,
    reason,
    count(*) AS n
FROM causes
GROUP BY 1, 2, 3
ORDER BY 1, 2, n DESC, 3;
