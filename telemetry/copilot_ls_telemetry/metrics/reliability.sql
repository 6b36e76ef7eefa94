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
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    backend,
    avg(confidence) AS said,
    avg(outcome IN ('accepted', 'partially_accepted', 'typed')) AS taken,
    count(*) AS n
FROM chains
WHERE
    shown
    AND confidence IS NOT NULL
    AND (:since IS NULL OR offered_at >= :since)
    AND (
        outcome IN ('accepted', 'partially_accepted', 'typed', 'rejected')
        OR (
            outcome = 'ignored'
            AND EXISTS (
                SELECT 1
                FROM events
                WHERE events.session_id = chains.session_id
                    AND events.chain_id = chains.chain_id
                    AND events.event = 'ignored'
                    AND events.reason = 'typing_disagreed'
            )
        )
    )
GROUP BY 1, 2, CAST(min(confidence * 10, 9) AS INTEGER)
ORDER BY 1, 2, 3;
