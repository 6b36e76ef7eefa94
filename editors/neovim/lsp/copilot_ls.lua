--- copilot-ls for `vim.lsp.enable('copilot_ls')`, Neovim 0.12 or later.
---
--- No `filetypes`: the server is of use in any file, with or without a grammar for it. To limit it:
---   vim.lsp.config('copilot_ls', { filetypes = { 'python', 'go' } })
---
--- Settings go where Neovim's users expect them (names: editors/SETTINGS.md):
---   vim.lsp.config('copilot_ls', { settings = { ['copilot-ls'] = { completion = { max_lines = 8 } } } })

-- Without it (this file alone was copied) ghost text and code actions work, explanations open as files.
local found, client = pcall(require, 'copilot_ls.client')
local config = {
  cmd = { 'copilot-ls', '--stdio' },
  root_markers = { '.copilot-ls.toml', '.git', '.hg', '.jj' },
}
if found then
  config.cmd = client.cmd()
  config.init_options = client.init_options
  config.commands = require('copilot_ls.actions').client_commands
  config.handlers = {
    ['copilot-ls/explanation'] = require('copilot_ls.explanation').show,
    didChangeStatus = require('copilot_ls.status').changed,
  }
end

---@type vim.lsp.Config
return config
