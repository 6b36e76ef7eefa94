--- The state of the server as it last said: for a status line, and for `:CopilotLs status`.
---
--- The server sends `didChangeStatus` when it changes; `copilot-ls/status` is asked when somebody wants to know more.
local client = require('copilot_ls.client')
local float = require('copilot_ls.float')

local M = {}

---@class copilot_ls.State
---@field kind 'Normal'|'Warning'|'Error'|'Inactive'
---@field busy boolean
---@field message string

-- By client.
local states = {}

--- The handler of `didChangeStatus`.
function M.changed(_, said, context)
  states[context.client_id] = { kind = said.kind or 'Normal', busy = said.busy == true, message = said.message or '' }
  vim.schedule(function()
    vim.api.nvim_exec_autocmds('User', { pattern = 'CopilotLsStatus', modeline = false })
    vim.cmd.redrawstatus({ bang = true })
  end)
end

--- The state of the server of a buffer; nil where none is attached.
---@param bufnr? integer
---@return copilot_ls.State?
function M.state(bufnr)
  local attached = client.of(bufnr)
  if not attached then
    return nil
  end
  return states[attached.id] or { kind = 'Normal', busy = false, message = '' }
end

--- A few words for a status line; '' where no server is attached.
---@return string
function M.component()
  local state = M.state(0)
  if not state then
    return ''
  end
  local marks = { Warning = ' !', Error = ' !', Inactive = ' off' }
  return 'copilot-ls' .. (marks[state.kind] or '') .. (state.busy and ' …' or '')
end

local function share(rate)
  return type(rate) == 'number' and ('%d %%'):format(math.floor(rate * 100 + 0.5)) or 'none yet'
end

--- What the server says of itself, as Markdown.
---@param said table
---@return string
function M.describe(said)
  local lines = { ('**copilot-ls %s**: %s'):format(said.version or '', said.kind or 'Normal') }
  local function add(name, value)
    if value ~= nil and value ~= vim.NIL and value ~= '' then
      lines[#lines + 1] = ('- %s: %s'):format(name, value)
    end
  end
  add('says', said.message)
  local document = said.document
  if type(document) == 'table' then
    local off = type(document.reason) == 'string' and document.reason or 'switched off'
    add(
      'this file',
      ('%s, %s'):format(document.languageId or '?', document.enabled and 'served' or 'not served: ' .. off)
    )
  end
  if type(said.snoozedUntil) == 'number' then
    add('snoozed until', os.date('%H:%M', said.snoozedUntil))
  elseif said.enabled == false then
    add('ghost text', 'switched off; `:CopilotLs toggle` switches it on')
  end
  for _, backend in ipairs(type(said.backends) == 'table' and said.backends or {}) do
    local model = type(backend.model) == 'string' and (' (%s)'):format(backend.model) or ''
    add('backend ' .. backend.name .. model, backend.state)
  end
  local today = said.today
  if type(today) == 'table' then
    local counts = ('%d shown, %d accepted'):format(today.shown or 0, today.accepted or 0)
    add('today', ('%s, acceptance %s'):format(counts, share(today.acceptanceRate)))
  end
  return table.concat(lines, '\n')
end

--- Ask the server, and show what it says.
function M.show()
  local attached = client.of_or_say(0)
  if not attached then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(0) }
  attached:request('copilot-ls/status', params, function(err, said)
    if err or type(said) ~= 'table' then
      return client.warn('copilot-ls: ' .. (err and err.message or 'the server says nothing of its state'))
    end
    float.fill(float.open('copilot-ls'), M.describe(said))
  end, 0)
end

return M
