--- Passes the diagnostics that Neovim shows on to the server: it is not told what other servers and linters report.
local client = require('copilot_ls.client')

local M = {}

local function position(bufnr, line, column, encoding)
  local text = vim.api.nvim_buf_get_lines(bufnr, line, line + 1, false)[1] or ''
  return { line = line, character = vim.str_utfindex(text, encoding, math.min(column, #text), false) }
end

local function tell(bufnr)
  local found = client.of(bufnr)
  if not found or not found.initialized or not vim.api.nvim_buf_is_loaded(bufnr) then
    return
  end
  local diagnostics = {}
  for _, each in ipairs(vim.diagnostic.get(bufnr)) do
    local as_sent = vim.tbl_get(each, 'user_data', 'lsp') or {}
    diagnostics[#diagnostics + 1] = {
      range = {
        start = position(bufnr, each.lnum, each.col, found.offset_encoding),
        ['end'] = position(bufnr, each.end_lnum or each.lnum, each.end_col or each.col, found.offset_encoding),
      },
      message = each.message,
      severity = each.severity,
      source = each.source,
      code = each.code,
      relatedInformation = as_sent.relatedInformation,
    }
  end
  found:notify('copilot-ls/didPublishDiagnostics', {
    uri = vim.uri_from_bufnr(bufnr),
    version = vim.lsp.util.buf_versions[bufnr],
    diagnostics = diagnostics,
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
      tell(bufnr)
    end
  end, 200)
end

--- From now on, tell each change.
function M.follow()
  local group = vim.api.nvim_create_augroup('copilot_ls.diagnostics', {})
  vim.api.nvim_create_autocmd('DiagnosticChanged', {
    group = group,
    callback = function(args)
      tell_soon(args.buf)
    end,
  })
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(args)
      local attached = vim.lsp.get_client_by_id(args.data.client_id)
      if attached and attached.name == client.NAME then
        tell_soon(args.buf)
      end
    end,
  })
end

return M
