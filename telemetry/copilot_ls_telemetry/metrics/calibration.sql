-- Calibration: whether suggestions were taken as often as the user's own history said, in tenths of that.
--
-- decision    show (explore among them: shown against the odds); silent: held back, and judged by what was typed instead
-- said        mean probability that they are taken, 0 to 1
-- taken       share of them that were accepted, in whole or in part, or typed out; of silent ones, that were typed
-- n           chains that were shown and ended in one of these ways, or rejected, or ignored because typing disagreed; and
--             silences that were judged
--
-- The expected calibration error is the mean of |said - taken| over the rows, weighted by n.
-- Traps: as for reliability. What was held back might have been taken although the user typed something else instead. Of
-- the latest 200,000 events alone: what is older says little of what is decided now.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH latest AS (
    SELECT
        *,
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group"
    FROM dated
    WHERE id > (SELECT max(id) FROM events) - 200000 AND (:since IS NULL OR at >= :since)
),
shown AS (
    SELECT
        "group",
        'show' AS decision,
        p_accept AS said,
        (
            SELECT max(
                CASE
                    WHEN later.event IN ('accepted', 'partially_accepted', 'typed') THEN 1
                    WHEN later.event = 'rejected' OR later.reason = 'typing_disagreed' THEN 0
                END
            )
            FROM events AS later
            WHERE later.session_id = latest.session_id AND later.chain_id = latest.chain_id
            HAVING max(later.event = 'shown')
        ) AS taken
    FROM latest
    WHERE event = 'generated' AND suggestion_id = chain_id AND p_accept IS NOT NULL
),
silent AS (
    SELECT was."group", 'silent' AS decision, was.p_accept AS said, later.outcome = 'right' AS taken
    FROM latest AS later
    JOIN latest AS was ON was.session_id = later.session_id AND was.request_id = later.request_id
    WHERE later.event = 'silence_judged' AND was.event = 'discarded' AND was.p_accept IS NOT NULL
)
SELECT
    "group",
    decision,
    avg(said) AS said,
    avg(taken) AS taken,
    count(*) AS n
FROM (SELECT * FROM shown UNION ALL SELECT * FROM silent)
WHERE taken IS NOT NULL
GROUP BY 1, 2, CAST(min(said * 10, 9) AS INTEGER)
ORDER BY 1, 2, 3;
