-- The telemetry database, version 3. One table of events, one row per transition, columns empty where an event has no such
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
    n_deleted INTEGER               -- code points
);

CREATE INDEX events_by_chain ON events (session_id, chain_id) WHERE chain_id IS NOT NULL;
CREATE INDEX events_by_kind ON events (event, at);
CREATE INDEX events_by_fix ON events (session_id, fix_id) WHERE fix_id IS NOT NULL;

-- The events with what metrics group them by.
CREATE VIEW dated AS
SELECT
    *,
    date(at, 'unixepoch', 'localtime') AS day,
    strftime('%H', at, 'unixepoch', 'localtime') AS hour,
    CASE multiline WHEN 1 THEN 'multi' WHEN 0 THEN 'single' END AS lines
FROM events;

-- One row per ghost text: what it was, whether it was shown, how it ended. A chain whose first offer has been deleted with
-- old rows is left out: what is not known in full is not counted.
CREATE VIEW chains AS
WITH life AS (
    SELECT
        session_id,
        chain_id,
        min(CASE WHEN event = 'generated' AND suggestion_id = chain_id THEN id END) AS first_id,
        max(CASE WHEN event = 'generated' THEN chain_offset + n_chars END) AS n_chars,
        max(CASE WHEN event = 'generated' THEN n_lines END) AS n_lines,
        max(event = 'shown') AS shown,
        min(CASE WHEN event = 'shown' THEN at END) AS shown_at,
        max(CASE WHEN event IN ('accepted', 'partially_accepted', 'typed', 'rejected', 'ignored') THEN at END) AS ended_at,
        sum(event IN ('accepted', 'partially_accepted')) AS n_accepts,
        max(event = 'shown' AND inferred = 0) AS editor_said_shown,
        max(CASE event
            WHEN 'accepted' THEN 5
            WHEN 'partially_accepted' THEN 4
            WHEN 'typed' THEN 3
            WHEN 'rejected' THEN 2
            WHEN 'ignored' THEN 1
        END) AS outcome_rank,
        max(CASE WHEN event IN ('accepted', 'partially_accepted') THEN accepted_length ELSE 0 END) AS accepted_chars
    FROM events
    WHERE chain_id IS NOT NULL
    GROUP BY session_id, chain_id
)
SELECT
    life.session_id,
    life.chain_id,
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
    life.n_chars,
    life.n_lines,
    life.shown,
    life.shown_at,
    life.ended_at,
    life.n_accepts,
    life.editor_said_shown,
    CASE life.outcome_rank
        WHEN 5 THEN 'accepted'
        WHEN 4 THEN 'partially_accepted'
        WHEN 3 THEN 'typed'
        WHEN 2 THEN 'rejected'
        WHEN 1 THEN 'ignored'
    END AS outcome,
    life.accepted_chars
FROM life
JOIN events AS offer ON offer.id = life.first_id;

-- One row per fix that the user asked for: what it was for, what came of it. One whose beginning has been deleted with old
-- rows is left out.
CREATE VIEW fixes AS
WITH life AS (
    SELECT
        session_id,
        fix_id,
        min(CASE WHEN event = 'fix_opened' THEN id END) AS opened_id,
        min(CASE WHEN event = 'fix_proposed' THEN id END) AS proposed_id,
        min(CASE WHEN event = 'fix_applied' THEN at END) AS applied_at,
        min(CASE WHEN event = 'fix_checked' AND gone THEN at END) AS gone_at,
        max(CASE WHEN event = 'fix_checked' THEN gone END) AS gone,
        max(event = 'fix_undone') AS undone,
        max(CASE WHEN event = 'fix_resolved' THEN resolved END) AS resolved
    FROM events
    WHERE fix_id IS NOT NULL
    GROUP BY session_id, fix_id
)
SELECT
    life.session_id,
    life.fix_id,
    opened.at AS opened_at,
    date(opened.at, 'unixepoch', 'localtime') AS day,
    strftime('%H', opened.at, 'unixepoch', 'localtime') AS hour,
    opened.workspace,
    opened.language,
    opened.rule,
    opened.kind,
    opened.n_diagnostics,
    proposed.verdict,
    proposed.checked_by,
    proposed.fixer,
    proposed.backend,
    proposed.model,
    proposed.n_tries,
    proposed.n_tool_calls,
    proposed.n_invalid_tool_calls,
    proposed.input_tokens,
    proposed.output_tokens,
    proposed.cost,
    proposed.latency_ms,
    life.applied_at,
    life.gone_at,
    life.gone,
    life.undone,
    life.resolved
FROM life
JOIN events AS opened ON opened.id = life.opened_id
LEFT JOIN events AS proposed ON proposed.id = life.proposed_id;
