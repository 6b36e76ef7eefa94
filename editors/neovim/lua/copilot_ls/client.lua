--- The server as Neovim knows it: where its program is, its client of a buffer, its commands, and what they are told.
local options = require('copilot_ls.options')

local M = {}

M.NAME = 'copilot_ls'
M.VERSION = '0.1.0'

--- What the server is told of us: see copilot_ls/lsp/abilities.py, and GitHub's protocol for the other two.
M.init_options = {
  copilotLs = { explanations = true, wishes = true },
  editorInfo = { name = 'Neovim', version = tostring(vim.version()) },
  editorPluginInfo = { name = 'copilot-ls.nvim', version = M.VERSION },
}

--- The commands under way, by client and token: { [client id] = { [token] = command } }.
local under_way = {}
local n_tokens = 0

--- The program beside the Python package that this plug-in was installed with, for those who have it on no PATH.
local function of_same_environment()
  local here = debug.getinfo(1, 'S').source:sub(2)
  local folder = vim.fs.dirname(vim.uv.fs_realpath(here) or here)
  for _, bin in ipairs({ 'bin', 'Scripts' }) do
    for parent in vim.fs.parents(folder) do
      local program = vim.fs.joinpath(parent, bin, 'copilot-ls')
      if vim.fn.executable(program) == 1 and vim.uv.fs_stat(vim.fs.joinpath(parent, 'pyvenv.cfg')) then
        return program
      end
    end
  end
end

--- The command that starts the server: as set, from PATH, or from the environment that the plug-in belongs to.
---@return string[]
function M.cmd()
  if options.current.cmd then
    return options.current.cmd
  end
  if vim.fn.executable('copilot-ls') == 1 then
    return { 'copilot-ls', '--stdio' }
  end
  return { of_same_environment() or 'copilot-ls', '--stdio' }
end

--- The program that `:CopilotLs doctor` and the like run: the server's own.
---@return string
function M.program()
  local config = vim.lsp.config[M.NAME]
  local cmd = config and config.cmd
  return type(cmd) == 'table' and cmd[1] or M.cmd()[1]
end

--- Why the server cannot be started, in one sentence that says what to do; nil when it can.
---@return string?
function M.why_missing()
  local program = M.program()
  if vim.fn.executable(program) == 1 then
    return nil
  end
  return ('copilot-ls: there is no program %q on PATH. Install it with "pipx install copilot-ls", or name it: '):format(
    program
  ) .. 'vim.g.copilot_ls = { cmd = { "/path/to/copilot-ls", "--stdio" } }'
end

--- The client of a buffer.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.of(bufnr)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr or 0 })[1]
end

--- The same, or a message why there is none.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.of_or_say(bufnr)
  local client = M.of(bufnr)
  if not client then
    M.warn(M.why_missing() or 'copilot-ls: the server is not attached to this buffer (:checkhealth copilot_ls)')
  end
  return client
end

function M.warn(message)
  vim.notify(message, vim.log.levels.WARN)
end

--- Run a command of the server, so that its progress is shown and it can be cancelled. `on_end` hears what it came to.
---@param client vim.lsp.Client
---@param command string
---@param arguments table
---@param bufnr? integer
---@param on_end? fun(result: any)
function M.execute(client, command, arguments, bufnr, on_end)
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
      vim.notify('copilot-ls: ' .. err.message, vim.log.levels.ERROR)
    end
    if on_end then
      on_end(result)
    end
  end, bufnr)
end

--- End what is under way; of one command alone, if one is named.
---@param only? string
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

vim.api.nvim_create_autocmd('LspDetach', {
  group = vim.api.nvim_create_augroup('copilot_ls.client', {}),
  callback = function(args)
    under_way[args.data.client_id] = nil
  end,
})

return M
