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
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH spent AS (
    SELECT
        "group",
        backend,
        model,
        sum(n) AS asked,
        sum(input_tokens) AS input_tokens,
        sum(cached_tokens) AS cached_tokens,
        sum(output_tokens) AS output_tokens,
        sum(cost) AS cost,
        1.0 * sum(estimated) / sum(n) AS estimated
    FROM event_facts
    WHERE slice = coalesce(:by, 'all') AND what = 'backend_asked' AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
),
taken AS (
    SELECT "group", backend, model, sum(accepted + partially_accepted) AS accepted
    FROM chain_facts
    WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
),
looked AS (
    SELECT "group", backend, model, sum(kept_chars) AS kept_chars
    FROM retention_facts
    WHERE slice = coalesce(:by, 'all') AND how = '300s' AND (:since IS NULL OR at >= :since)
    GROUP BY 1, 2, 3
)
SELECT
    spent.*,
    coalesce(taken.accepted, 0) AS accepted,
    spent.cost / nullif(taken.accepted, 0) AS cost_per_accepted,
    looked.kept_chars,
    spent.cost / nullif(looked.kept_chars, 0) AS cost_per_kept_char
FROM spent
LEFT JOIN taken ON taken."group" IS spent."group" AND taken.backend = spent.backend AND taken.model = spent.model
LEFT JOIN looked ON looked."group" IS spent."group" AND looked.backend = spent.backend AND looked.model = spent.model
ORDER BY 1, cost DESC, asked DESC, 2, 3;
