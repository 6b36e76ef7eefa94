--- A float with Markdown that can grow: explanations and the status are shown in it.
local M = {}

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

--- Open one at the cursor. `on_close` hears when it is gone, however that came.
---@param title string
---@param on_close? fun()
---@return { bufnr: integer, winid: integer }
function M.open(title, on_close)
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
    title = ' ' .. title .. ' ',
  })
  vim.wo[winid].wrap = true
  vim.wo[winid].linebreak = true
  vim.wo[winid].conceallevel = 2
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = bufnr, nowait = true, desc = 'Close' })
  end
  vim.api.nvim_create_autocmd('BufWipeout', { buffer = bufnr, callback = on_close or function() end })
  return { bufnr = bufnr, winid = winid }
end

--- Fill it anew.
---@param float { bufnr: integer, winid: integer }
---@param markdown string
function M.fill(float, markdown)
  local lines = vim.split(markdown, '\n', { plain = true, trimempty = true })
  vim.bo[float.bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(float.bufnr, 0, -1, false, lines)
  vim.bo[float.bufnr].modifiable = false
  if vim.api.nvim_win_is_valid(float.winid) then
    local width, height = size_of(lines)
    vim.api.nvim_win_set_config(float.winid, { width = width, height = height })
  end
end

return M
