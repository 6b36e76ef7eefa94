-- Today: the two figures that an editor shows in its status, cheap enough to be asked for at any time.
--
-- shown     ghost texts (chains) that were shown since then
-- accepted  … of which all that was left was taken
--
-- Traps: counted by when it was shown, not when it was offered, so that a chain which spans midnight may count elsewhere than in outcomes.
-- Only events that are in no daily total yet are looked at: those of today and of the day before are.
-- Parameters (unset is NULL): :since unix time.
WITH seen AS (
    SELECT DISTINCT session_id, chain_id FROM fresh_events WHERE +event = 'shown' AND at >= ifnull(:since, 0)
)
SELECT
    count(*) AS shown,
    ifnull(sum(EXISTS (
        SELECT 1 FROM events AS other
        WHERE other.session_id = seen.session_id AND other.chain_id = seen.chain_id AND other.event = 'accepted'
    )), 0) AS accepted
FROM seen;
