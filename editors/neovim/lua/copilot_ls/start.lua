--- Starts everything, once: the server, ghost text, and what follows along.
local client = require('copilot_ls.client')

local function say_if_missing()
  local why = client.why_missing()
  if why then
    client.warn(why)
  end
end

return function()
  require('copilot_ls.ghost_text').follow()
  require('copilot_ls.completor').follow()
  require('copilot_ls.diagnostics').follow()
  vim.lsp.enable(client.NAME)
  vim.lsp.inline_completion.enable()
  -- Neovim starts no server that it does not find, and says so in a log alone. Said once, when a file is opened.
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('copilot_ls.start', {}),
    once = true,
    callback = vim.schedule_wrap(say_if_missing),
  })
end
