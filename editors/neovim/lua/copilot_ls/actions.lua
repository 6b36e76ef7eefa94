--- Explain, fix and change code with copilot-ls: commands, a window for explanations, and the diagnostics that are shown.
---
--- `lsp/copilot_ls.lua` takes `client_commands`, `handlers` and `init_options` from here, so that code actions chosen with
--- `vim.lsp.buf.code_action()` go the same way as `:CopilotLs`. Whether there is something to do, and what, is the server's
--- to say: this file asks and shows.
local M = {}

--- What the server may count on (see copilot_ls/lsp/abilities.py).
M.init_options = { copilotLs = { explanations = true, wishes = true } }

local NAME = 'copilot_ls'
local COMMANDS = {
  explain = 'copilot-ls.explain',
  fix = 'copilot-ls.fix',
  change = 'copilot-ls.change',
  document = 'copilot-ls.document',
  tests = 'copilot-ls.writeTests',
}
local group = vim.api.nvim_create_augroup('copilot_ls.actions', {})

-- The commands under way, by client and token: { [client id] = { [token] = command } }.
local under_way = {}
local n_tokens = 0

local function client_of(bufnr)
  return vim.lsp.get_clients({ name = NAME, bufnr = bufnr })[1]
end

--- Run a command of the server, so that its progress is shown and it can be cancelled. `on_end` hears what it came to.
local function run(client, command, arguments, bufnr, on_end)
  n_tokens = n_tokens + 1
  local token = 'copilot-ls/nvim/' .. n_tokens
  under_way[client.id] = under_way[client.id] or {}
  under_way[client.id][token] = command
  local params = { command = command, arguments = arguments, workDoneToken = token }
  client:request('workspace/executeCommand', params, function(err, result)
    if under_way[client.id] then
      under_way[client.id][token] = nil
    end
    if err then
      vim.notify(err.message, vim.log.levels.ERROR)
    end
    if on_end then
      on_end(result)
    end
  end, bufnr)
  return token
end

--- Ask for the wish where there is none yet, then run.
local function change(client, arguments, bufnr, on_end)
  if arguments[1].wish then
    return run(client, COMMANDS.change, arguments, bufnr, on_end)
  end
  vim.ui.input({ prompt = 'Change: ' }, function(wish)
    if wish and vim.trim(wish) ~= '' then
      arguments[1].wish = wish
      run(client, COMMANDS.change, arguments, bufnr, on_end)
    end
  end)
end

--- The server's commands as they are run when a code action is chosen.
M.client_commands = {}
for _, command in pairs(COMMANDS) do
  M.client_commands[command] = function(chosen, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if not client then
      return
    end
    local arguments = vim.deepcopy(chosen.arguments)
    if command == COMMANDS.change then
      change(client, arguments, context.bufnr)
    else
      run(client, command, arguments, context.bufnr)
    end
  end
end

--- Run one of `explain`, `fix`, `change`, `document`, `tests` at the cursor, or for the lines of a range.
---
---@param what string
---@param options? { range?: [integer, integer], scope?: 'file', explain?: boolean, wish?: string, question?: string, on_end?: fun(result: table?) }
function M.run(what, options)
  options = options or {}
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of(bufnr)
  if not client then
    vim.notify('copilot-ls: the server is not attached to this buffer', vim.log.levels.WARN)
    return
  end
  local range
  if options.range then
    local last = vim.api.nvim_buf_get_lines(bufnr, options.range[2] - 1, options.range[2], false)[1] or ''
    range = vim.lsp.util.make_given_range_params(
      { options.range[1], 0 },
      { options.range[2], math.max(#last - 1, 0) },
      bufnr,
      client.offset_encoding
    ).range
  else
    range = vim.lsp.util.make_range_params(0, client.offset_encoding).range
  end
  local argument = {
    uri = vim.uri_from_bufnr(bufnr),
    range = range,
    version = vim.lsp.util.buf_versions[bufnr],
    scope = options.scope,
    explain = options.explain,
    wish = options.wish,
    question = options.question,
  }
  if what == 'change' then
    change(client, { argument }, bufnr, options.on_end)
  else
    run(client, COMMANDS[what], { argument }, bufnr, options.on_end)
  end
end

--- End what is under way; of one command alone, if one is named.
function M.cancel(only)
  only = type(only) == 'string' and only or nil
  for client_id, tokens in pairs(under_way) do
    local client = vim.lsp.get_client_by_id(client_id)
    for token, command in pairs(tokens) do
      if client and (not only or only == command) then
        client:notify('window/workDoneProgress/cancel', { token = token })
      end
    end
  end
end

-- Explanations

-- The window of the latest explanation, { id, bufnr, winid, done }, and its id after it was closed.
local shown, latest

local function size_of(lines)
  local width = 40
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  width = math.min(width, math.max(vim.o.columns - 8, 20), 100)
  local height = 0
  for _, line in ipairs(lines) do
    height = height + math.max(1, math.ceil(vim.fn.strdisplaywidth(line) / width))
  end
  return width, math.max(1, math.min(height, math.max(vim.o.lines - 6, 3)))
end

local function open(explanation)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].filetype = 'markdown'
  local winid = vim.api.nvim_open_win(bufnr, true, {
    relative = 'cursor',
    row = 1,
    col = 0,
    width = 40,
    height = 1,
    style = 'minimal',
    border = 'rounded',
    title = ' ' .. (explanation.title or 'Explanation') .. ' ',
  })
  vim.wo[winid].wrap = true
  vim.wo[winid].linebreak = true
  vim.wo[winid].conceallevel = 2
  local opened = { id = explanation.id, bufnr = bufnr, winid = winid }
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = bufnr, nowait = true, desc = 'Close the explanation' })
  end
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = bufnr,
    callback = function()
      if shown and shown.bufnr == bufnr then
        shown = nil
      end
      -- Nobody reads what is still to come.
      if not opened.done then
        M.cancel(COMMANDS.explain)
      end
    end,
  })
  return opened
end

--- Show an explanation as far as it has come: the handler of `copilot-ls/explanation`.
local function show(_, explanation)
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
  if not explanation.markdown then
    return
  end
  local lines = vim.split(explanation.markdown, '\n', { plain = true, trimempty = true })
  vim.bo[shown.bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(shown.bufnr, 0, -1, false, lines)
  vim.bo[shown.bufnr].modifiable = false
  if vim.api.nvim_win_is_valid(shown.winid) then
    local width, height = size_of(lines)
    vim.api.nvim_win_set_config(shown.winid, { width = width, height = height })
  end
end

M.handlers = { ['copilot-ls/explanation'] = show }

-- Diagnostics. A server is not told what others report: it is passed on.

local SEVERITIES = { 1, 2, 3, 4 }

local function position(bufnr, line, column, encoding)
  local text = vim.api.nvim_buf_get_lines(bufnr, line, line + 1, false)[1] or ''
  return { line = line, character = vim.str_utfindex(text, encoding, math.min(column, #text), false) }
end

local function tell_diagnostics(bufnr)
  local client = client_of(bufnr)
  if not client or not client.initialized or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(bufnr)) do
    local as_sent = vim.tbl_get(each, 'user_data', 'lsp') or {}
    found[#found + 1] = {
      range = {
        start = position(bufnr, each.lnum, each.col, client.offset_encoding),
        ['end'] = position(bufnr, each.end_lnum or each.lnum, each.end_col or each.col, client.offset_encoding),
      },
      message = each.message,
      severity = SEVERITIES[each.severity],
      source = each.source,
      code = each.code,
      relatedInformation = as_sent.relatedInformation,
    }
  end
  client:notify('copilot-ls/didPublishDiagnostics', {
    uri = vim.uri_from_bufnr(bufnr),
    version = vim.lsp.util.buf_versions[bufnr],
    diagnostics = found,
  })
end

local due = {}

-- A little later than Neovim sends the edits that it gathers, so that the server has the text that they are about.
local function tell_soon(bufnr)
  if due[bufnr] then
    return
  end
  due[bufnr] = true
  vim.defer_fn(function()
    due[bufnr] = nil
    if vim.api.nvim_buf_is_valid(bufnr) then
      tell_diagnostics(bufnr)
    end
  end, 200)
end

vim.api.nvim_create_autocmd('DiagnosticChanged', {
  group = group,
  callback = function(args)
    tell_soon(args.buf)
  end,
})
vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if client and client.name == NAME then
      tell_soon(args.buf)
    end
  end,
})
vim.api.nvim_create_autocmd('LspDetach', {
  group = group,
  callback = function(args)
    under_way[args.data.client_id] = nil
  end,
})

-- :CopilotLs explain | fix | change | document | tests | cancel

local SUBCOMMANDS = { 'cancel', 'change', 'document', 'explain', 'fix', 'tests' }

vim.api.nvim_create_user_command('CopilotLs', function(args)
  local what, rest = args.args:match('^(%S+)%s*(.*)$')
  local range = args.range > 0 and { args.line1, args.line2 } or nil
  if what == 'cancel' then
    M.cancel()
  elseif what == 'change' then
    M.run(what, { range = range, wish = rest ~= '' and rest or nil })
  elseif what == 'explain' then
    M.run(what, { range = range, question = rest ~= '' and rest or nil })
  elseif what == 'fix' then
    local whole = args.range == 2 and args.line1 == 1 and args.line2 == vim.api.nvim_buf_line_count(0)
    M.run(what, { range = not whole and range or nil, scope = whole and 'file' or nil })
  elseif COMMANDS[what] then
    M.run(what, { range = range })
  else
    vim.notify(('copilot-ls: %s is none of %s'):format(what, table.concat(SUBCOMMANDS, ', ')), vim.log.levels.ERROR)
  end
end, {
  nargs = '+',
  range = true,
  force = true,
  desc = 'Explain, fix or change code with copilot-ls',
  complete = function(lead)
    return vim.tbl_filter(function(each)
      return vim.startswith(each, lead)
    end, SUBCOMMANDS)
  end,
})

return M
