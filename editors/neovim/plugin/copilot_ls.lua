--- Sourced by Neovim when the plug-in is on the runtime path: starts it, unless the user's configuration has, or wants not to.
---
---   vim.g.copilot_ls = { keymaps = { accept = '<C-y>' } }   -- options, before plug-ins are loaded: `:h copilot-ls-options`
---   vim.g.copilot_ls = false                                -- start nothing: call `require('copilot_ls').setup()` when wanted
if vim.g.loaded_copilot_ls then
  return
end
vim.g.loaded_copilot_ls = true

if vim.fn.has('nvim-0.12') == 0 then
  vim.notify('copilot-ls needs Neovim 0.12 or later, the first with inline completion', vim.log.levels.WARN)
  return
end

vim.api.nvim_create_user_command('CopilotLs', function(args)
  require('copilot_ls.command').run(args)
end, {
  nargs = '*',
  range = true,
  desc = 'copilot-ls: explain, fix, change, statistics, status, …',
  complete = function(...)
    return require('copilot_ls.command').complete(...)
  end,
})

if vim.g.copilot_ls ~= false and not require('copilot_ls').is_set_up() then
  require('copilot_ls').setup(vim.g.copilot_ls)
end
