-- Fixes: what came of the edits that the user asked for, by rule, language and backend.
--
-- opened               fixes that the user asked for
-- proposed             … that came to an edit, verified or not
-- verified             … that a checker found better, with nothing new reported
-- gave_up              … that came to none, and said why
-- applied              … that the editor made
-- undone               … of which the text was what it had been before, within 5 minutes
-- gone                 … whose diagnostics were gone at the next report
-- decided              … of which it is known whether they were resolved
-- resolved             … applied, gone at the next report and still gone after 5 minutes, and not undone
-- resolution_rate      resolved / decided; NULL where nothing was decided
-- resolved_after_s     median seconds from the wish to the report in which the diagnostics were gone, of the resolved
-- tries                proposals, whether shown or not
-- tool_calls           calls of tools by a model; invalid_tool_calls those of them that no tool could take
-- input_tokens, output_tokens, cost   of all tries of all opened; NULL where nobody counted
-- cost_per_resolved    cost / resolved; NULL where nothing was resolved or nothing has a price
--
-- Traps: editors that do not tell their diagnostics decide nothing, and are left out of the rate. A fix that mends nothing
-- reported (a change, documentation, tests) has no rule and is resolved unless it is undone. One that was cancelled is
-- opened and no more.
-- Of days in the totals: exact; fixes are kept one by one.
-- Parameters (unset is NULL): :since unix time of the wish; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
WITH chosen AS (
    SELECT
        CASE :by WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
            WHEN 'hour' THEN hour WHEN 'task' THEN kind WHEN 'workspace' THEN workspace END AS "group",
        *
    FROM fix_facts
    WHERE :since IS NULL OR opened_at >= :since
),
times AS (
    SELECT
        "group", rule, language, backend,
        gone_at - opened_at AS seconds,
        row_number() OVER (PARTITION BY "group", rule, language, backend ORDER BY gone_at - opened_at) AS place,
        count(*) OVER (PARTITION BY "group", rule, language, backend) AS n
    FROM chosen
    WHERE resolved AND gone_at IS NOT NULL
),
medians AS (
    SELECT "group", rule, language, backend, seconds
    FROM times
    WHERE place = (n + 1) / 2
)
SELECT
    chosen."group",
    chosen.rule,
    chosen.language,
    chosen.backend,
    count(*) AS opened,
    coalesce(sum(verdict IN ('verified', 'not_verified')), 0) AS proposed,
    coalesce(sum(verdict = 'verified'), 0) AS verified,
    coalesce(sum(verdict = 'gave_up'), 0) AS gave_up,
    sum(applied_at IS NOT NULL) AS applied,
    sum(undone) AS undone,
    coalesce(sum(gone), 0) AS gone,
    sum(resolved IS NOT NULL) AS decided,
    coalesce(sum(resolved), 0) AS resolved,
    1.0 * sum(resolved) / nullif(sum(resolved IS NOT NULL), 0) AS resolution_rate,
    min(medians.seconds) AS resolved_after_s,
    coalesce(sum(n_tries), 0) AS tries,
    coalesce(sum(n_tool_calls), 0) AS tool_calls,
    coalesce(sum(n_invalid_tool_calls), 0) AS invalid_tool_calls,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cost) AS cost,
    sum(cost) / nullif(sum(resolved), 0) AS cost_per_resolved
FROM chosen
LEFT JOIN medians
    ON medians."group" IS chosen."group" AND medians.rule IS chosen.rule
    AND medians.language IS chosen.language AND medians.backend IS chosen.backend
GROUP BY 1, 2, 3, 4
ORDER BY 1, opened DESC, 2, 3, 4;
