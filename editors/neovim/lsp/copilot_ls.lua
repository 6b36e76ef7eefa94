--- copilot-ls for `vim.lsp.enable('copilot_ls')`, Neovim 0.12 or later.
---
--- No `filetypes`: the server is of use in any file, with or without a grammar for it. To limit it:
---   vim.lsp.config('copilot_ls', { filetypes = { 'python', 'go' } })
---
--- Settings go where Neovim's users expect them (names: editors/SETTINGS.md):
---   vim.lsp.config('copilot_ls', { settings = { ['copilot-ls'] = { completion = { max_lines = 8 } } } })

-- Without it (this file alone was copied) ghost text and code actions work, explanations open as files.
local found, actions = pcall(require, 'copilot_ls.actions')

---@type vim.lsp.Config
return {
  cmd = { 'copilot-ls', '--stdio' },
  root_markers = { '.copilot-ls.toml', '.git', '.hg', '.jj' },
  init_options = found and actions.init_options or nil,
  commands = found and actions.client_commands or nil,
  handlers = found and actions.handlers or nil,
}
