-- Costs: tokens and money by backend and model, and what an accepted suggestion cost.
--
-- asked              turns of the backend, also those that failed or that nobody waited for to the end
-- input_tokens       tokens of the prompts, all of them; cached_tokens are those of them read from the server's cache
-- output_tokens      tokens generated
-- cost               in the unit of the prices in the settings; NULL where the backend has none
-- estimated          share of the turns whose tokens the backend did not count: they are estimated
-- accepted           suggestions of this backend and model that were accepted, whole or in part
-- cost_per_accepted  cost / accepted; NULL where nothing was accepted or nothing has a price
--
-- Traps: cancelled turns and prefetches are paid for and count; suggestions from a cache are accepted without a new turn.
-- Failed turns cost only what the server had begun to work on. Backends within this process use no tokens.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model or day.
WITH spent AS (
    SELECT
        CASE :by
            WHEN 'language' THEN language
            WHEN 'backend' THEN backend
            WHEN 'model' THEN model
            WHEN 'day' THEN date(at, 'unixepoch', 'localtime')
        END AS "group",
        backend,
        model,
        count(*) AS asked,
        sum(input_tokens) AS input_tokens,
        sum(cached_input_tokens) AS cached_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cost) AS cost,
        avg(estimated) AS estimated
    FROM events
    WHERE event = 'backend_asked' AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
),
taken AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day END AS "group",
        backend,
        model,
        count(*) AS accepted
    FROM chains
    WHERE outcome IN ('accepted', 'partially_accepted') AND (:since IS NULL OR offered_at >= :since)
    GROUP BY 1, 2, 3
)
SELECT
    spent.*,
    coalesce(taken.accepted, 0) AS accepted,
    spent.cost / taken.accepted AS cost_per_accepted
FROM spent
LEFT JOIN taken ON taken."group" IS spent."group" AND taken.backend = spent.backend AND taken.model = spent.model
ORDER BY 1, cost DESC, asked DESC, 2, 3;
