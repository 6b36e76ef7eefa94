-- The telemetry database, version 4. One table of events, one row per transition, columns empty where an event has no such
-- field (telemetry/README.md explains each event). The views hold the definitions that all metrics share.

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,            -- requested, skipped, superseded, discarded, backend_fault, backend_asked, generated, shown, accepted, …
    at REAL NOT NULL,               -- unix time, seconds
    session_id TEXT NOT NULL,       -- one run of one server
    workspace TEXT,                 -- hash of the workspace's path
    task TEXT,
    request_id TEXT,
    suggestion_id TEXT,
    chain_id TEXT,                  -- the first suggestion_id of one ghost text that was offered key after key
    chain_offset INTEGER,           -- code points of the chain's text that stood already
    language TEXT,
    backend TEXT,
    model TEXT,
    source TEXT,
    trigger_kind TEXT,
    multiline INTEGER,              -- 0, 1
    n_chars INTEGER,                -- code points
    n_lines INTEGER,
    latency_ms REAL,
    first_token_ms REAL,
    confidence REAL,                -- 0 to 1
    cut_by TEXT,                    -- JSON array of filter names
    input_tokens INTEGER,
    output_tokens INTEGER,
    cached_input_tokens INTEGER,    -- part of input_tokens
    cache_write_tokens INTEGER,     -- part of input_tokens
    cost REAL,                      -- in the unit of the prices in the settings
    estimated INTEGER,              -- 0, 1
    outcome TEXT,                   -- answered, failed, cancelled
    n_tries INTEGER,
    reason TEXT,
    fault TEXT,
    inferred INTEGER,               -- 0, 1
    how TEXT,                       -- command, edit
    accepted_length INTEGER,        -- code points so far in the chain
    fix_id TEXT,
    rule TEXT,                      -- who reports and by which rule: ruff:F401
    kind TEXT,                      -- fix, change, document, tests
    n_diagnostics INTEGER,
    verdict TEXT,                   -- verified, not_verified, gave_up, cancelled
    checked_by TEXT,                -- JSON array of checkers' names
    fixer TEXT,                     -- rule of the embedded fixer
    n_tool_calls INTEGER,
    n_invalid_tool_calls INTEGER,
    gone INTEGER,                   -- 0 or 1
    resolved INTEGER,               -- 0 or 1; NULL where nobody knows
    moment TEXT,                    -- 15s to 600s after an acceptance; save; close; commit
    kept REAL,                      -- share of the lexemes
    survives INTEGER,               -- 0 or 1
    n_lexemes INTEGER,
    kept_chars INTEGER,             -- code points
    n_added INTEGER,                -- diagnostics that came
    n_removed INTEGER,              -- diagnostics that went
    n_typed INTEGER,                -- code points
    n_inserted INTEGER,             -- code points
    n_deleted INTEGER,              -- code points
    p_accept REAL,                  -- 0 to 1, as the user's own history has it
    decision TEXT,                  -- show, silent, explore
    features TEXT                   -- JSON: what p_accept rests on
);

CREATE INDEX events_by_chain ON events (session_id, chain_id) WHERE chain_id IS NOT NULL;
CREATE INDEX events_by_fix ON events (session_id, fix_id) WHERE fix_id IS NOT NULL;

-- The events with what metrics group them by.
CREATE VIEW dated AS
SELECT
    *,
    date(at, 'unixepoch', 'localtime') AS day,
    strftime('%H', at, 'unixepoch', 'localtime') AS hour,
    CASE multiline WHEN 1 THEN 'multi' WHEN 0 THEN 'single' END AS lines
FROM events;

-- The events that views look at: all, and the fresh ones, which have no part in the totals yet (totals.sql).
CREATE VIEW scopes AS
SELECT 'all' AS scope, 0 AS after_id, 9223372036854775807 AS until_id
UNION ALL
SELECT 'fresh', (SELECT coalesce(max(until_id), 0) FROM totalled), 9223372036854775807;

-- A plus before a column keeps SQLite from making an index of all events for it, where a range of ids is all that is read.

-- One row per ghost text in each scope: what it was, whether it was shown, how it ended. It belongs to where its first offer
-- is; one whose first offer has been deleted with old rows is left out: what is not known in full is not counted.
CREATE VIEW scoped_chains AS
SELECT
    scopes.scope,
    offer.id AS offer_id,
    offer.session_id,
    offer.chain_id,
    offer.at AS offered_at,
    date(offer.at, 'unixepoch', 'localtime') AS day,
    strftime('%H', offer.at, 'unixepoch', 'localtime') AS hour,
    offer.workspace,
    offer.task,
    offer.language,
    offer.backend,
    offer.model,
    offer.source,
    offer.trigger_kind,
    offer.multiline,
    CASE offer.multiline WHEN 1 THEN 'multi' ELSE 'single' END AS lines,
    offer.confidence,
    max(CASE WHEN life.event = 'generated' THEN life.chain_offset + life.n_chars END) AS n_chars,
    max(CASE WHEN life.event = 'generated' THEN life.n_lines END) AS n_lines,
    max(life.event = 'shown') AS shown,
    min(CASE WHEN life.event = 'shown' THEN life.at END) AS shown_at,
    max(
        CASE WHEN life.event IN ('accepted', 'partially_accepted', 'typed', 'rejected', 'ignored') THEN life.at END
    ) AS ended_at,
    sum(life.event IN ('accepted', 'partially_accepted')) AS n_accepts,
    max(life.event = 'shown' AND life.inferred = 0) AS editor_said_shown,
    CASE max(CASE life.event
        WHEN 'accepted' THEN 5
        WHEN 'partially_accepted' THEN 4
        WHEN 'typed' THEN 3
        WHEN 'rejected' THEN 2
        WHEN 'ignored' THEN 1
    END)
        WHEN 5 THEN 'accepted'
        WHEN 4 THEN 'partially_accepted'
        WHEN 3 THEN 'typed'
        WHEN 2 THEN 'rejected'
        WHEN 1 THEN 'ignored'
    END AS outcome,
    max(CASE WHEN life.event = 'ignored' THEN life.reason END) AS ignored_because,
    max(CASE WHEN life.event IN ('accepted', 'partially_accepted') THEN life.accepted_length ELSE 0 END) AS accepted_chars
FROM scopes
CROSS JOIN events AS offer
CROSS JOIN events AS life
WHERE offer.id > scopes.after_id AND offer.id <= scopes.until_id
    AND +offer.event = 'generated' AND offer.suggestion_id = offer.chain_id
    AND life.session_id = offer.session_id AND life.chain_id = offer.chain_id
GROUP BY scopes.scope, offer.id;

CREATE VIEW chains AS SELECT * FROM scoped_chains WHERE scope = 'all';

-- One row per fix that the user asked for, in each scope: what it was for, what came of it. One whose beginning has been
-- deleted with old rows is left out.
CREATE VIEW scoped_fixes AS
SELECT
    scopes.scope,
    opened.session_id,
    opened.fix_id,
    opened.id AS opened_id,
    opened.at AS opened_at,
    date(opened.at, 'unixepoch', 'localtime') AS day,
    strftime('%H', opened.at, 'unixepoch', 'localtime') AS hour,
    opened.workspace,
    opened.language,
    opened.rule,
    opened.kind,
    opened.n_diagnostics,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.verdict END) AS verdict,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.checked_by END) AS checked_by,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.fixer END) AS fixer,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.backend END) AS backend,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.model END) AS model,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.n_tries END) AS n_tries,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.n_tool_calls END) AS n_tool_calls,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.n_invalid_tool_calls END) AS n_invalid_tool_calls,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.input_tokens END) AS input_tokens,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.output_tokens END) AS output_tokens,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.cost END) AS cost,
    max(CASE WHEN life.event = 'fix_proposed' THEN life.latency_ms END) AS latency_ms,
    min(CASE WHEN life.event = 'fix_applied' THEN life.at END) AS applied_at,
    min(CASE WHEN life.event = 'fix_checked' AND life.gone THEN life.at END) AS gone_at,
    max(CASE WHEN life.event = 'fix_checked' THEN life.gone END) AS gone,
    max(life.event = 'fix_undone') AS undone,
    max(CASE WHEN life.event = 'fix_resolved' THEN life.resolved END) AS resolved
FROM scopes
CROSS JOIN events AS opened
CROSS JOIN events AS life
WHERE opened.id > scopes.after_id AND opened.id <= scopes.until_id
    AND +opened.event = 'fix_opened'
    AND life.session_id = opened.session_id AND life.fix_id = opened.fix_id
GROUP BY scopes.scope, opened.id;

CREATE VIEW fixes AS SELECT * FROM scoped_fixes WHERE scope = 'all';
