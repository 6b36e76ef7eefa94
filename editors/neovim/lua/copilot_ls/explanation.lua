--- The window of an explanation, which grows while it is written: the handler of `copilot-ls/explanation`.
local client = require('copilot_ls.client')
local float = require('copilot_ls.float')

local M = {}

-- The float of the explanation that is shown, with its id and whether it is complete; and the id of the latest.
local shown, latest

local function open(explanation)
  local opened
  opened = float.open(explanation.title or 'Explanation', function()
    if shown == opened then
      shown = nil
    end
    -- Nobody reads what is still to come.
    if not opened.done then
      client.cancel('copilot-ls.explain')
    end
  end)
  opened.id = explanation.id
  return opened
end

--- Show an explanation as far as it has come.
function M.show(_, explanation)
  if not shown or shown.id ~= explanation.id then
    -- One that was closed while it grew stays closed.
    if explanation.done and not explanation.markdown or latest == explanation.id then
      return
    end
    if shown and vim.api.nvim_win_is_valid(shown.winid) then
      shown.done = true
      vim.api.nvim_win_close(shown.winid, true)
    end
    shown = open(explanation)
    latest = explanation.id
  end
  shown.done = explanation.done
  if explanation.markdown then
    float.fill(shown, explanation.markdown)
  end
end

return M
