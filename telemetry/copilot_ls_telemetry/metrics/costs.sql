-- Costs: tokens and money by backend and model, and what an accepted suggestion cost.
--
-- asked              turns of the backend, also those that failed or that nobody waited for to the end
-- input_tokens       tokens of the prompts, all of them; cached_tokens are those of them read from the server's cache
-- output_tokens      tokens generated
-- cost               in the unit of the prices in the settings; NULL where the backend has none
-- estimated          share of the turns whose tokens the backend did not count: they are estimated
-- accepted           suggestions of this backend and model that were accepted, whole or in part
-- cost_per_accepted  cost / accepted; NULL where nothing was accepted or nothing has a price
-- kept_chars         code points of them that were still there after 300 s
-- cost_per_kept_char cost / kept_chars; NULL where nothing was kept, or nobody looked
--
-- Traps: cancelled turns and prefetches are paid for and count; suggestions from a cache are accepted without a new turn.
-- Failed turns cost only what the server had begun to work on. Backends within this process use no tokens.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH spent AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
        backend,
        model,
        count(*) AS asked,
        sum(input_tokens) AS input_tokens,
        sum(cached_input_tokens) AS cached_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cost) AS cost,
        avg(estimated) AS estimated
    FROM dated
    WHERE event = 'backend_asked' AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
),
taken AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
        backend,
        model,
        count(*) AS accepted,
        sum((
            SELECT kept_chars FROM events AS looks
            WHERE looks.event = 'retention_checked' AND looks.moment = '300s'
                AND looks.session_id = chains.session_id AND looks.chain_id = chains.chain_id
        )) AS kept_chars
    FROM chains
    WHERE outcome IN ('accepted', 'partially_accepted') AND (:since IS NULL OR offered_at >= :since)
    GROUP BY 1, 2, 3
)
SELECT
    spent.*,
    coalesce(taken.accepted, 0) AS accepted,
    spent.cost / taken.accepted AS cost_per_accepted,
    taken.kept_chars,
    spent.cost / nullif(taken.kept_chars, 0) AS cost_per_kept_char
FROM spent
LEFT JOIN taken ON taken."group" IS spent."group" AND taken.backend = spent.backend AND taken.model = spent.model
ORDER BY 1, cost DESC, asked DESC, 2, 3;
