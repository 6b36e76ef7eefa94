--- `:checkhealth copilot_ls`: is everything there, and what mends what is not.
---
--- Of Neovim it looks at what only it can know. Of the server it asks the server: `copilot-ls doctor --json` finds backends,
--- grammars, folders, settings and trust, and says what to do.
local client = require('copilot_ls.client')
local health = vim.health

local M = {}

-- Backends are tried over the network, each within a deadline of its own.
local DOCTOR_MS = 30000

local SAY = { ok = health.ok, note = health.info, bad = health.error }

local function check_neovim()
  health.start('Neovim')
  if vim.fn.has('nvim-0.12') == 0 then
    health.error('Neovim 0.12 or later is needed, the first with inline completion', 'Install a newer Neovim.')
    return
  end
  health.ok('Neovim ' .. tostring(vim.version()))
  if not vim.lsp.is_enabled(client.NAME) then
    health.warn('the server is not enabled', "require('copilot_ls').setup(), or vim.lsp.enable('copilot_ls')")
  end
  if not vim.lsp.inline_completion.is_enabled() then
    health.warn('ghost text is not enabled', 'vim.lsp.inline_completion.enable()')
  end
  local options = vim.g.copilot_ls
  local faults = type(options) == 'table' and require('copilot_ls.options').faults(options) or {}
  for _, fault in ipairs(faults) do
    health.error('vim.g.copilot_ls: ' .. fault)
  end
  local keymaps = require('copilot_ls.options').current.keymaps or {}
  for name, lhs in vim.spairs(keymaps) do
    if lhs then
      local mapped = vim.fn.maparg(lhs, 'i', false, true)
      if not vim.startswith(mapped.desc or '', 'copilot-ls: ') then
        local by = mapped.desc or mapped.rhs or 'another plug-in'
        health.warn(('%s is mapped by %s, so that it does not %s'):format(lhs, by, (name:gsub('_', ' '))), {
          ("choose another key: vim.g.copilot_ls = { keymaps = { %s = '…' } }"):format(name),
          "or call require('copilot_ls').accept() in that mapping: `:h copilot-ls-menus`",
        })
      end
    end
  end
end

local function check_server()
  health.start('Server')
  local why = client.why_missing()
  if why then
    health.error(why)
    return false
  end
  health.ok(vim.fn.exepath(client.program()))
  local attached = vim.lsp.get_clients({ name = client.NAME })
  if #attached == 0 then
    health.info('it does not run: it is started when a file is opened')
  end
  for _, each in ipairs(attached) do
    local version = vim.tbl_get(each, 'server_info', 'version')
    health.ok(('runs for %s, version %s'):format(each.root_dir or 'single files', version or 'unknown'))
    if version and version ~= client.VERSION then
      health.warn(
        ('the plug-in is %s, the server %s'):format(client.VERSION, version),
        'copilot-ls editor neovim --install, or update the plug-in'
      )
    end
  end
  return true
end

--- What a subcommand says as JSON; nil and why, when it says nothing that can be read.
local function ask(...)
  local argv = { client.program(), ... }
  argv[#argv + 1] = '--json'
  local root = vim.tbl_get(vim.lsp.get_clients({ name = client.NAME })[1] or {}, 'root_dir')
  local ran, answer = pcall(function()
    return vim.system(argv, { text = true, cwd = root, timeout = DOCTOR_MS }):wait()
  end)
  local decoded, said = pcall(vim.json.decode, ran and answer.stdout or '', { luanil = { object = true } })
  if decoded and type(said) == 'table' then
    return said
  end
  return nil, table.concat(argv, ' ') .. ': ' .. vim.trim(ran and answer.stderr or tostring(answer))
end

local function check_record()
  health.start('Statistics')
  local said, why = ask('telemetry', 'status')
  if not said then
    health.error('it cannot be said what is recorded', why)
  elseif said.problem then
    health.error(said.problem, 'copilot-ls telemetry status')
  elseif said.recording then
    health.ok(('%d events are on record, on this machine alone: %s'):format(said.n_events or 0, said.path))
  else
    health.info('nothing is recorded: telemetry.enable is false')
  end
end

local function check_trust()
  health.start('Trust')
  local said, why = ask('trust', '--list')
  if not said then
    health.error('it cannot be said which workspaces are trusted', why)
    return
  end
  for _, file in ipairs(said.trusted or {}) do
    health.ok(file)
  end
  health.info(
    ('%d workspaces are trusted to name backends and to run checkers; :CopilotLs trust changes that'):format(
      #(said.trusted or {})
    )
  )
end

local function check_doctor()
  local report, why = ask('doctor')
  if not report or type(report.findings) ~= 'table' then
    health.start('Doctor')
    health.error('copilot-ls doctor says nothing that can be read', why)
    return
  end
  local section
  for _, finding in ipairs(report.findings) do
    if finding.section ~= section then
      section = finding.section
      health.start(section:sub(1, 1):upper() .. section:sub(2))
    end
    local details = type(finding.details) == 'string' and '\n' .. finding.details or ''
    local say = SAY[finding.status] or health.info
    say(('%s: %s%s'):format(finding.name, finding.text, details))
  end
end

function M.check()
  check_neovim()
  if check_server() then
    check_record()
    check_trust()
    check_doctor()
  end
end

return M
