-- Daily totals: what metrics need of events, summed, so that they answer quickly and outlive the events themselves.
--
-- Metrics read the views `…_facts`. Each is made of the totals and of the fresh events, those with an id above
-- totalled.until_id, so that everything is counted once. `totals.py` takes the oldest fresh events into the totals in one
-- transaction, once they are settled; events are deleted only after that.
--
-- A total is a sum for one day and one stratum. The stratum says what the facts have in common, and for which of the
-- groupings (:by) it is: those of the slice 'all' serve the whole, backend, model, task and day; language, lines, hour and
-- workspace have slices of their own. So a question reads few rows, and the totals of a day are a few hundred rows
-- however much was done. What totals do not keep: the moment within the day (a :since in the midst of a day counts it
-- whole), two such groupings at once, and times to more than 4.5 % (answers) or 9 % (visible).

-- One row per batch of events that the totals hold.
CREATE TABLE totalled (
    until_id INTEGER PRIMARY KEY,   -- the last event's; the next batch begins behind it
    n_events INTEGER NOT NULL,
    first_at REAL,                  -- unix time
    last_at REAL,
    thinned INTEGER NOT NULL DEFAULT 0  -- 1 once what belongs to no suggestion and no fix has been deleted
);

CREATE TABLE days (
    number INTEGER PRIMARY KEY,     -- days since 1970-01-01
    day TEXT NOT NULL,              -- in local time, as it was when the events were taken into the totals
    last_at REAL NOT NULL           -- unix time of the last event
);

CREATE TABLE strata (
    id INTEGER PRIMARY KEY,
    facts TEXT NOT NULL,            -- chains, reliability, times, retention, events
    slice TEXT NOT NULL,            -- all, language, lines, hour, workspace
    "group" TEXT,
    key TEXT NOT NULL UNIQUE,       -- all other columns
    task TEXT,
    language TEXT,
    lines TEXT,
    trigger_kind TEXT,
    backend TEXT,
    model TEXT,
    what TEXT,                      -- times: answered or visible; events: their name
    how TEXT,                       -- source of an answer, outcome, moment, reason, fault or filter
    tenth INTEGER                   -- of confidence
);

CREATE TABLE chain_totals (
    stratum INTEGER NOT NULL, day INTEGER NOT NULL,
    offered INTEGER, shown INTEGER, accepted INTEGER, partially_accepted INTEGER, typed INTEGER, rejected INTEGER,
    ignored INTEGER, undecided INTEGER, shown_chars INTEGER, shown_accepted_chars INTEGER, accepted_lines INTEGER,
    accepted_chars INTEGER, accepts INTEGER, passed_chars INTEGER,
    PRIMARY KEY (stratum, day)
) WITHOUT ROWID;

CREATE TABLE reliability_totals (
    stratum INTEGER NOT NULL, day INTEGER NOT NULL,
    n INTEGER, said REAL, taken INTEGER,
    PRIMARY KEY (stratum, day)
) WITHOUT ROWID;

CREATE TABLE time_totals (
    stratum INTEGER NOT NULL, day INTEGER NOT NULL,
    value REAL NOT NULL,            -- milliseconds of an answer, seconds visible
    n INTEGER,
    PRIMARY KEY (stratum, day, value)
) WITHOUT ROWID;

CREATE TABLE retention_totals (
    stratum INTEGER NOT NULL, day INTEGER NOT NULL,
    n INTEGER, kept REAL, kept_chars INTEGER, accepted_chars INTEGER, survived INTEGER,
    PRIMARY KEY (stratum, day)
) WITHOUT ROWID;

CREATE TABLE event_totals (
    stratum INTEGER NOT NULL, day INTEGER NOT NULL,
    n INTEGER, tries INTEGER, input_tokens INTEGER, cached_tokens INTEGER, output_tokens INTEGER, cost REAL,
    estimated INTEGER, typed_chars INTEGER, inserted_chars INTEGER, deleted_chars INTEGER,
    PRIMARY KEY (stratum, day)
) WITHOUT ROWID;

-- Fixes are few and are kept one by one.
CREATE TABLE fix_totals (
    id INTEGER PRIMARY KEY, opened_at REAL, day TEXT, hour TEXT, workspace TEXT, language TEXT, rule TEXT, kind TEXT,
    verdict TEXT, backend TEXT, model TEXT, n_tries INTEGER, n_tool_calls INTEGER, n_invalid_tool_calls INTEGER,
    input_tokens INTEGER, output_tokens INTEGER, cost REAL, applied_at REAL, gone_at REAL, gone INTEGER,
    undone INTEGER, resolved INTEGER
);

-- What a metric may be asked :by.
CREATE VIEW slices AS
SELECT column1 AS slice
FROM (VALUES ('all'), ('language'), ('backend'), ('model'), ('day'), ('hour'), ('task'), ('workspace'), ('lines'));

CREATE VIEW fresh_chains AS SELECT * FROM scoped_chains WHERE scope = 'fresh';

CREATE VIEW fresh_events AS
SELECT dated.*
FROM scopes
CROSS JOIN dated
WHERE scopes.scope = 'fresh' AND dated.id > scopes.after_id AND dated.id <= scopes.until_id;

CREATE VIEW fresh_chain_facts AS
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    offered_at AS at,
    day,
    task,
    language,
    lines,
    trigger_kind,
    backend,
    model,
    1 AS offered,
    shown,
    shown AND outcome IS 'accepted' AS accepted,
    shown AND outcome IS 'partially_accepted' AS partially_accepted,
    shown AND outcome IS 'typed' AS typed,
    shown AND outcome IS 'rejected' AS rejected,
    shown AND outcome IS 'ignored' AS ignored,
    shown AND outcome IS NULL AS undecided,
    CASE WHEN shown THEN n_chars ELSE 0 END AS shown_chars,
    CASE WHEN shown THEN accepted_chars ELSE 0 END AS shown_accepted_chars,
    CASE WHEN shown AND outcome = 'accepted' THEN n_lines ELSE 0 END AS accepted_lines,
    accepted_chars,
    n_accepts AS accepts,
    CASE WHEN shown AND outcome IS NOT NULL THEN n_chars - accepted_chars ELSE 0 END AS passed_chars
FROM slices
CROSS JOIN fresh_chains;

CREATE VIEW fresh_reliability_facts AS
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    offered_at AS at,
    day,
    task,
    backend,
    model,
    CAST(min(confidence * 10, 9) AS INTEGER) AS tenth,
    1 AS n,
    confidence AS said,
    outcome IN ('accepted', 'partially_accepted', 'typed') AS taken
FROM slices
CROSS JOIN fresh_chains
WHERE
    shown
    AND confidence IS NOT NULL
    AND (
        outcome IN ('accepted', 'partially_accepted', 'typed', 'rejected')
        OR (outcome = 'ignored' AND ignored_because = 'typing_disagreed')
    );

-- Alternatives of one request are one answer. They are recorded together; a batch ends where nothing was recorded.
CREATE VIEW fresh_answers AS
SELECT id, at, day, hour, workspace, task, language, backend, model, lines, source, latency_ms
FROM fresh_events
WHERE +event = 'generated'
GROUP BY session_id, request_id
HAVING id = min(id);

CREATE VIEW fresh_time_facts AS
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    at,
    day,
    task,
    backend,
    model,
    'answered' AS what,
    source AS how,
    latency_ms AS value,
    1 AS n
FROM slices
CROSS JOIN fresh_answers
UNION ALL
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END,
    offered_at,
    day,
    task,
    backend,
    model,
    'visible',
    outcome,
    max(ended_at - shown_at, 0),
    1
FROM slices
CROSS JOIN fresh_chains
WHERE shown AND outcome IS NOT NULL;

-- A look counts where it was recorded, whenever its text was accepted; it is dated by the offer.
CREATE VIEW fresh_looks AS
SELECT
    offer.at,
    offer.day,
    offer.hour,
    offer.workspace,
    offer.task,
    offer.language,
    offer.backend,
    offer.model,
    CASE offer.multiline WHEN 1 THEN 'multi' ELSE 'single' END AS lines,
    looks.moment,
    looks.kept,
    looks.kept_chars,
    looks.survives,
    (
        SELECT max(takes.accepted_length)
        FROM events AS takes
        WHERE takes.session_id = looks.session_id AND takes.chain_id = looks.chain_id
            AND takes.event IN ('accepted', 'partially_accepted')
    ) AS accepted_chars
FROM fresh_events AS looks
CROSS JOIN dated AS offer
WHERE +looks.event = 'retention_checked'
    AND offer.session_id = looks.session_id AND offer.chain_id = looks.chain_id
    AND offer.event = 'generated' AND offer.suggestion_id = offer.chain_id;

CREATE VIEW fresh_retention_facts AS
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    at,
    day,
    task,
    backend,
    model,
    moment AS how,
    1 AS n,
    kept,
    kept_chars,
    accepted_chars,
    survives AS survived
FROM slices
CROSS JOIN fresh_looks;

CREATE VIEW fresh_occurrences AS
SELECT
    at, day, hour, workspace, task, language, backend, model, lines, event AS what,
    CASE event WHEN 'backend_asked' THEN outcome WHEN 'backend_fault' THEN fault ELSE reason END AS how,
    n_tries AS tries, input_tokens, cached_input_tokens AS cached_tokens, output_tokens, cost, estimated,
    n_typed AS typed_chars, n_inserted AS inserted_chars, n_deleted AS deleted_chars
FROM fresh_events
WHERE +event IN ('requested', 'skipped', 'superseded', 'discarded', 'backend_fault', 'backend_asked', 'backend_passed_over',
    'written', 'explained', 'fix_offered')
UNION ALL
SELECT
    at, day, hour, workspace, task, language, backend, model, lines, 'answered', source,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fresh_answers
UNION ALL
SELECT
    offered_at, day, hour, workspace, task, language, backend, model, lines, 'ignored', ignored_because,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fresh_chains
WHERE shown AND outcome = 'ignored'
UNION ALL
SELECT
    at, day, hour, workspace, task, language, backend, model, lines,
    CASE event WHEN 'generated' THEN 'shortened' ELSE 'cut to nothing' END, cut.value,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM fresh_events, json_each(fresh_events.cut_by) AS cut
WHERE +event IN ('generated', 'discarded') AND cut_by IS NOT NULL;

CREATE VIEW fresh_event_facts AS
SELECT
    slice,
    CASE slice WHEN 'language' THEN language WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'day' THEN day
        WHEN 'hour' THEN hour WHEN 'task' THEN task WHEN 'workspace' THEN workspace WHEN 'lines' THEN lines END AS "group",
    at, day, task, backend, model, what, how,
    1 AS n,
    tries, input_tokens, cached_tokens, output_tokens, cost, estimated, typed_chars, inserted_chars, deleted_chars
FROM slices
CROSS JOIN fresh_occurrences;

-- The totals and the fresh, for each grouping. `at` of a total is its day's last.
CREATE VIEW asked_strata AS
SELECT
    asked.slice AS asked,
    CASE asked.slice WHEN 'backend' THEN backend WHEN 'model' THEN model WHEN 'task' THEN task ELSE "group" END AS asked_group,
    strata.*
FROM slices AS asked
CROSS JOIN strata
WHERE strata.slice = CASE WHEN asked.slice IN ('language', 'lines', 'hour', 'workspace') THEN asked.slice ELSE 'all' END;

CREATE VIEW chain_facts AS
SELECT
    asked AS slice,
    CASE asked WHEN 'day' THEN days.day ELSE asked_group END AS "group",
    days.last_at AS at, days.day, task, language, lines, trigger_kind, backend, model,
    offered, shown, accepted, partially_accepted, typed, rejected, ignored, undecided, shown_chars, shown_accepted_chars,
    accepted_lines, accepted_chars, accepts, passed_chars
FROM asked_strata
CROSS JOIN chain_totals AS sums ON sums.stratum = asked_strata.id
CROSS JOIN days ON days.number = sums.day
WHERE asked_strata.facts = 'chains'
UNION ALL
SELECT * FROM fresh_chain_facts;

CREATE VIEW reliability_facts AS
SELECT
    asked AS slice,
    CASE asked WHEN 'day' THEN days.day ELSE asked_group END AS "group",
    days.last_at AS at, days.day, task, backend, model, tenth, n, said, taken
FROM asked_strata
CROSS JOIN reliability_totals AS sums ON sums.stratum = asked_strata.id
CROSS JOIN days ON days.number = sums.day
WHERE asked_strata.facts = 'reliability'
UNION ALL
SELECT * FROM fresh_reliability_facts;

CREATE VIEW time_facts AS
SELECT
    asked AS slice,
    CASE asked WHEN 'day' THEN days.day ELSE asked_group END AS "group",
    days.last_at AS at, days.day, task, backend, model, what, how, value, n
FROM asked_strata
CROSS JOIN time_totals AS sums ON sums.stratum = asked_strata.id
CROSS JOIN days ON days.number = sums.day
WHERE asked_strata.facts = 'times'
UNION ALL
SELECT * FROM fresh_time_facts;

CREATE VIEW retention_facts AS
SELECT
    asked AS slice,
    CASE asked WHEN 'day' THEN days.day ELSE asked_group END AS "group",
    days.last_at AS at, days.day, task, backend, model, how, n, kept, kept_chars, accepted_chars, survived
FROM asked_strata
CROSS JOIN retention_totals AS sums ON sums.stratum = asked_strata.id
CROSS JOIN days ON days.number = sums.day
WHERE asked_strata.facts = 'retention'
UNION ALL
SELECT * FROM fresh_retention_facts;

CREATE VIEW event_facts AS
SELECT
    asked AS slice,
    CASE asked WHEN 'day' THEN days.day ELSE asked_group END AS "group",
    days.last_at AS at, days.day, task, backend, model, what, how,
    n, tries, input_tokens, cached_tokens, output_tokens, cost, estimated, typed_chars, inserted_chars, deleted_chars
FROM asked_strata
CROSS JOIN event_totals AS sums ON sums.stratum = asked_strata.id
CROSS JOIN days ON days.number = sums.day
WHERE asked_strata.facts = 'events'
UNION ALL
SELECT * FROM fresh_event_facts;

CREATE VIEW fresh_fixes AS
SELECT
    opened_at, day, hour, workspace, language, rule, kind, verdict, backend, model, n_tries, n_tool_calls,
    n_invalid_tool_calls, input_tokens, output_tokens, cost, applied_at, gone_at, gone, undone, resolved
FROM scoped_fixes
WHERE scope = 'fresh';

CREATE VIEW fix_facts AS
SELECT
    opened_at, day, hour, workspace, language, rule, kind, verdict, backend, model, n_tries, n_tool_calls,
    n_invalid_tool_calls, input_tokens, output_tokens, cost, applied_at, gone_at, gone, undone, resolved
FROM fix_totals
UNION ALL
SELECT * FROM fresh_fixes;
