--- Explain, fix, change, document and test code: the server's commands at the cursor or for a range of lines.
---
--- `lsp/copilot_ls.lua` takes `client_commands` from here, so that code actions chosen with `vim.lsp.buf.code_action()` go
--- the same way as `:CopilotLs`. Whether there is something to do, and what, is the server's to say.
local client = require('copilot_ls.client')

local M = {}

M.COMMANDS = {
  explain = 'copilot-ls.explain',
  fix = 'copilot-ls.fix',
  change = 'copilot-ls.change',
  document = 'copilot-ls.document',
  tests = 'copilot-ls.writeTests',
}

M.cancel = client.cancel

--- Ask for the wish where there is none yet, then run.
local function change(attached, arguments, bufnr, on_end)
  if arguments[1].wish then
    return client.execute(attached, M.COMMANDS.change, arguments, bufnr, on_end)
  end
  vim.ui.input({ prompt = 'Change: ' }, function(wish)
    if wish and vim.trim(wish) ~= '' then
      arguments[1].wish = wish
      client.execute(attached, M.COMMANDS.change, arguments, bufnr, on_end)
    end
  end)
end

--- The server's commands as they are run when a code action is chosen.
M.client_commands = {}
for _, command in pairs(M.COMMANDS) do
  M.client_commands[command] = function(chosen, context)
    local attached = vim.lsp.get_client_by_id(context.client_id)
    if not attached then
      return
    end
    local arguments = vim.deepcopy(chosen.arguments)
    if command == M.COMMANDS.change then
      change(attached, arguments, context.bufnr)
    else
      client.execute(attached, command, arguments, context.bufnr)
    end
  end
end

local function range_of_lines(first, last, bufnr, encoding)
  local text = vim.api.nvim_buf_get_lines(bufnr, last - 1, last, false)[1] or ''
  return vim.lsp.util.make_given_range_params({ first, 0 }, { last, math.max(#text - 1, 0) }, bufnr, encoding).range
end

--- Run one of `explain`, `fix`, `change`, `document`, `tests` at the cursor, or for the lines of a range.
---
---@param what string
---@param options? { range?: [integer, integer], scope?: 'file', explain?: boolean, wish?: string, question?: string, on_end?: fun(result: table?) }
function M.run(what, options)
  options = options or {}
  local bufnr = vim.api.nvim_get_current_buf()
  local attached = client.of_or_say(bufnr)
  if not attached then
    return
  end
  local argument = {
    uri = vim.uri_from_bufnr(bufnr),
    range = options.range and range_of_lines(options.range[1], options.range[2], bufnr, attached.offset_encoding)
      or vim.lsp.util.make_range_params(0, attached.offset_encoding).range,
    version = vim.lsp.util.buf_versions[bufnr],
    scope = options.scope,
    explain = options.explain,
    wish = options.wish,
    question = options.question,
  }
  if what == 'change' then
    change(attached, { argument }, bufnr, options.on_end)
  else
    client.execute(attached, M.COMMANDS[what], { argument }, bufnr, options.on_end)
  end
end

return M
