-- Outcomes: how the suggestions that were shown ended, counted per chain (one ghost text, however often it was offered anew).
--
-- offered             chains answered to the editor, seen or not
-- shown               chains the user could see: the editor said so, the cursor stayed within it for 750 ms, or it was accepted
-- accepted            … of which all that was left was taken by a command or in one edit
-- partially_accepted  … of which only words or lines were taken
-- typed               … which the user typed out key by key
-- rejected            … which the user dismissed explicitly
-- ignored             … where typing disagreed, another suggestion came, the cursor left, or the document was closed
-- undecided           … which have no end yet
-- acceptance_rate     accepted / shown; NULL where nothing was shown
--
-- shown = accepted + partially_accepted + typed + rejected + ignored + undecided.
-- Traps: partial acceptance is not in the acceptance rate; chains that nobody can have seen are in `offered` alone.
-- Of days in the totals: exact, but for a :since in the midst of a day, which counts from its beginning.
-- Parameters (unset is NULL): :since unix time of the offer; :by language, backend, model, day, hour, task, workspace or lines (single, multi).
SELECT
    "group",
    sum(offered) AS offered,
    sum(shown) AS shown,
    sum(accepted) AS accepted,
    sum(partially_accepted) AS partially_accepted,
    sum(typed) AS typed,
    sum(rejected) AS rejected,
    sum(ignored) AS ignored,
    sum(undecided) AS undecided,
    1.0 * sum(accepted) / nullif(sum(shown), 0) AS acceptance_rate
FROM chain_facts
WHERE slice = coalesce(:by, 'all') AND (:since IS NULL OR at >= :since)
GROUP BY 1
ORDER BY 1;
