--- Runs the `copilot-ls` command for people: in a terminal window, or beside Neovim until it ends.
local client = require('copilot_ls.client')

local M = {}

local function folder()
  local attached = client.of(0)
  return attached and attached.root_dir or vim.fn.getcwd()
end

local function command(arguments)
  local why = client.why_missing()
  if why then
    client.warn(why)
    return nil
  end
  return vim.list_extend({ client.program() }, arguments)
end

--- Run it in a window of its own, in the workspace's folder. `on_end` hears how it ended.
---@param arguments string[]
---@param on_end? fun(status: integer)
function M.run(arguments, on_end)
  local argv = command(arguments)
  if not argv then
    return
  end
  local cwd = folder()
  vim.cmd.new({ mods = { split = 'botright' } })
  vim.fn.jobstart(argv, {
    term = true,
    cwd = cwd,
    on_exit = function(_, status)
      if on_end then
        on_end(status)
      end
    end,
  })
  vim.keymap.set('n', 'q', '<Cmd>bwipeout!<CR>', { buffer = 0, nowait = true, desc = 'Close' })
end

--- Let the user answer what `copilot-ls trust` asks, then let the server read the settings again.
function M.trust()
  local attached = client.of(0)
  M.run({ 'trust' }, function(status)
    if status == 0 and attached and not attached:is_stopped() then
      attached:notify('workspace/didChangeConfiguration', { settings = attached.settings })
    end
  end)
  vim.cmd.startinsert()
end

local dashboard

--- Serve the dashboard until Neovim ends, and let the browser open it. A second call opens the same one again.
function M.dashboard()
  local argv = command({ 'dashboard', '--no-open' })
  if not argv then
    return
  end
  if dashboard and dashboard.url then
    return vim.ui.open(dashboard.url)
  end
  if dashboard then
    return
  end
  local started = {}
  dashboard = started
  started.process = vim.system(argv, {
    text = true,
    stdout = vim.schedule_wrap(function(_, said)
      local url = not started.url and said and said:match('https?://%S+')
      if url then
        started.url = url
        vim.notify('copilot-ls: the dashboard is at ' .. url)
        vim.ui.open(url)
      end
    end),
  }, function()
    dashboard = nil
  end)
  vim.api.nvim_create_autocmd('VimLeavePre', {
    once = true,
    callback = function()
      started.process:kill('sigint')
    end,
  })
end

return M
