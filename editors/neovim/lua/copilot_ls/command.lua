--- `:CopilotLs`: one command, what it can do as its first word, completed.
local client = require('copilot_ls.client')

local M = {}

local function with_client(act)
  local attached = client.of_or_say(0)
  if attached then
    act(attached)
  end
end

local function lines_of(args)
  return args.range > 0 and { args.line1, args.line2 } or nil
end

local function or_nil(text)
  return text ~= '' and text or nil
end

local function action(what, of_rest)
  return function(args, rest)
    local options = { range = lines_of(args) }
    if of_rest then
      options[of_rest] = or_nil(rest)
    end
    require('copilot_ls.actions').run(what, options)
  end
end

--- Run a command of the server and say what it came to, in a sentence.
local function on_server(command, arguments, sentence)
  with_client(function(attached)
    client.execute(attached, command, arguments, 0, function(result)
      if sentence and result ~= nil then
        vim.notify('copilot-ls: ' .. sentence(type(result) == 'table' and result or {}))
      end
    end)
  end)
end

local function state_of(result)
  return result.message and result.message ~= '' and result.message
    or (result.enabled == false and 'ghost text is off' or 'ghost text is on')
end

---@type table<string, fun(args: table, rest: string)>
local SUBCOMMANDS = {
  cancel = function()
    client.cancel()
  end,
  change = action('change', 'wish'),
  dashboard = function()
    require('copilot_ls.terminal').dashboard()
  end,
  doctor = function()
    require('copilot_ls.terminal').run({ 'doctor' })
  end,
  document = action('document'),
  explain = action('explain', 'question'),
  fix = function(args)
    local whole = args.range == 2 and args.line1 == 1 and args.line2 == vim.api.nvim_buf_line_count(0)
    require('copilot_ls.actions').run('fix', {
      range = not whole and lines_of(args) or nil,
      scope = whole and 'file' or nil,
    })
  end,
  health = function()
    vim.cmd.checkhealth('copilot_ls')
  end,
  log = function()
    vim.cmd.tabnew(vim.fn.fnameescape(vim.lsp.log.get_filename()))
    vim.cmd('normal! G')
  end,
  restart = function()
    vim.lsp.enable(client.NAME, false)
    local function again()
      if client.of(0) then
        return vim.defer_fn(again, 50)
      end
      vim.lsp.enable(client.NAME)
    end
    vim.defer_fn(again, 50)
  end,
  resume = function()
    on_server('copilot-ls.resume', {}, state_of)
  end,
  snooze = function(_, rest)
    local minutes = tonumber(rest)
    if rest ~= '' and not (minutes and minutes > 0) then
      return client.warn(
        ('copilot-ls: snooze %s: minutes must be a number above 0, as in :CopilotLs snooze 10'):format(rest)
      )
    end
    on_server('copilot-ls.snooze', minutes and { minutes } or {}, state_of)
  end,
  stats = function()
    on_server('copilot-ls.showStatistics', {})
  end,
  status = function()
    require('copilot_ls.status').show()
  end,
  tests = action('tests'),
  toggle = function(_, rest)
    on_server('copilot-ls.toggle', rest ~= '' and { rest } or {}, state_of)
  end,
  trust = function()
    require('copilot_ls.terminal').trust()
  end,
}

--- The first words that there are.
---@return string[]
function M.subcommands()
  local names = vim.tbl_keys(SUBCOMMANDS)
  table.sort(names)
  return names
end

--- Run what the user typed; without a word, show the status.
---@param args table as nvim_create_user_command hands it over
function M.run(args)
  local what, rest = args.args:match('^(%S+)%s*(.*)$')
  local subcommand = SUBCOMMANDS[what or 'status']
  if not subcommand then
    return vim.notify(
      ('copilot-ls: %s is none of %s'):format(what, table.concat(M.subcommands(), ', ')),
      vim.log.levels.ERROR
    )
  end
  subcommand(args, rest or '')
end

--- Complete the first word, and the language of `toggle`.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:gsub('^.-CopilotLs%s*', ''):sub(1, -#lead - 1)
  local candidates = {}
  if before == '' then
    candidates = M.subcommands()
  elseif vim.trim(before) == 'toggle' then
    candidates = { vim.bo.filetype }
  end
  return vim.tbl_filter(function(each)
    return vim.startswith(each, lead)
  end, candidates)
end

return M
