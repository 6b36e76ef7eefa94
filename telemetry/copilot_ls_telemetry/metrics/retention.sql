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
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    how AS moment,
    sum(n) AS n,
    sum(kept) / sum(n) AS kept,
    1.0 * sum(kept_chars) / nullif(sum(accepted_chars), 0) AS kept_by_chars,
    sum(survived) AS survived,
    1.0 * sum(survived) / sum(n) AS survival_rate
FROM retention_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
GROUP BY 1, 2
ORDER BY 1, CASE moment WHEN 'save' THEN 1e6 WHEN 'close' THEN 2e6 WHEN 'commit' THEN 3e6 ELSE CAST(moment AS INTEGER) END;
