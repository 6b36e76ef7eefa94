--- How a next edit looks: what goes is marked, what comes stands beside it or below, and a line at the cursor says where it
--- is when it cannot be seen.
local M = {}

local namespace = vim.api.nvim_create_namespace('copilot_ls.next_edit')

-- Links, so that colours are the colour scheme's, light or dark.
local HIGHLIGHTS = { CopilotLsAdd = 'DiffAdd', CopilotLsDelete = 'DiffDelete', CopilotLsHint = 'ComplHint' }

local function set_highlights()
  for name, link in pairs(HIGHLIGHTS) do
    vim.api.nvim_set_hl(0, name, { default = true, link = link })
  end
end
set_highlights()
vim.api.nvim_create_autocmd('ColorScheme', {
  group = vim.api.nvim_create_augroup('copilot_ls.highlights', {}),
  callback = set_highlights,
})

---@class copilot_ls.Change A replacement in a buffer, in rows and byte columns from 0, the end excluded.
---@field start_row integer
---@field start_col integer
---@field end_row integer
---@field end_col integer
---@field lines string[] what stands there then

-- Whether a place in a text is within a word, or within a character.
local function is_within_word(text, at)
  return text:sub(at, at + 1):find('^[%w_\128-\255][%w_\128-\255]$') ~= nil
end

-- The bytes that two texts begin with alike; never a part of a word.
local function common_prefix(a, b)
  local n = 0
  while n < #a and n < #b and a:byte(n + 1) == b:byte(n + 1) do
    n = n + 1
  end
  while n > 0 and (is_within_word(a, n) or is_within_word(b, n)) do
    n = n - 1
  end
  return n
end

-- The bytes that two texts end with alike, at most `limit`; never a part of a word.
local function common_suffix(a, b, limit)
  local n = 0
  while n < limit and a:byte(#a - n) == b:byte(#b - n) do
    n = n + 1
  end
  while n > 0 and (is_within_word(a, #a - n) or is_within_word(b, #b - n)) do
    n = n - 1
  end
  return n
end

--- The same change without what old and new have in common.
---@param bufnr integer
---@param change copilot_ls.Change
---@return copilot_ls.Change
function M.narrowed(bufnr, change)
  local start_row, start_col, end_row, end_col = change.start_row, change.start_col, change.end_row, change.end_col
  local old = vim.api.nvim_buf_get_text(bufnr, start_row, start_col, end_row, end_col, {})
  local new = vim.deepcopy(change.lines)
  while #old > 1 and #new > 1 and old[1] == new[1] do
    table.remove(old, 1)
    table.remove(new, 1)
    start_row, start_col = start_row + 1, 0
  end
  while #old > 1 and #new > 1 and old[#old] == new[#new] do
    table.remove(old)
    table.remove(new)
    end_row = end_row - 1
    end_col = (#old == 1 and start_col or 0) + #old[#old]
  end
  if #old == 1 and #new == 1 then
    local prefix = common_prefix(old[1], new[1])
    local suffix = common_suffix(old[1], new[1], math.min(#old[1], #new[1]) - prefix)
    start_col, end_col = start_col + prefix, end_col - suffix
    new[1] = new[1]:sub(prefix + 1, #new[1] - suffix)
  end
  return { start_row = start_row, start_col = start_col, end_row = end_row, end_col = end_col, lines = new }
end

local function virtual_lines(lines)
  return vim.tbl_map(function(line)
    return { { line == '' and ' ' or line, 'CopilotLsAdd' } }
  end, lines)
end

--- Draw a change where it will be made.
---@param bufnr integer
---@param change copilot_ls.Change
function M.draw(bufnr, change)
  local narrow = M.narrowed(bufnr, change)
  local is_empty = narrow.start_row == narrow.end_row and narrow.start_col == narrow.end_col
  if not is_empty then
    vim.api.nvim_buf_set_extmark(bufnr, namespace, narrow.start_row, narrow.start_col, {
      end_row = narrow.end_row,
      end_col = narrow.end_col,
      hl_group = 'CopilotLsDelete',
      hl_eol = narrow.end_row > narrow.start_row,
    })
  end
  local lines = narrow.lines
  if #lines == 1 and narrow.start_row == narrow.end_row then
    if lines[1] ~= '' then
      vim.api.nvim_buf_set_extmark(bufnr, namespace, narrow.end_row, narrow.end_col, {
        virt_text = { { lines[1], 'CopilotLsAdd' } },
        virt_text_pos = 'inline',
      })
    end
    return
  end
  if is_empty and lines[#lines] == '' and narrow.start_col == 0 then
    -- Whole lines that come before this one.
    vim.api.nvim_buf_set_extmark(bufnr, namespace, narrow.start_row, 0, {
      virt_lines = virtual_lines(vim.list_slice(lines, 1, #lines - 1)),
      virt_lines_above = true,
    })
  elseif is_empty and lines[1] == '' then
    -- Whole lines that come after this one.
    vim.api.nvim_buf_set_extmark(bufnr, namespace, narrow.start_row, narrow.start_col, {
      virt_lines = virtual_lines(vim.list_slice(lines, 2)),
    })
  else
    -- The lines as they will be, below those that go.
    local first = vim.api.nvim_buf_get_text(bufnr, narrow.start_row, 0, narrow.start_row, narrow.start_col, {})[1]
    local rest = vim.api.nvim_buf_get_text(bufnr, narrow.end_row, narrow.end_col, narrow.end_row, -1, {})[1]
    local whole = vim.deepcopy(lines)
    whole[1] = first .. whole[1]
    whole[#whole] = whole[#whole] .. rest
    if #lines == 1 and lines[1] == '' and first .. rest == '' then
      return
    end
    vim.api.nvim_buf_set_extmark(bufnr, namespace, narrow.end_row, 0, { virt_lines = virtual_lines(whole) })
  end
end

--- Say at the end of a line of a buffer where the next edit is.
---@param bufnr integer
---@param row integer
---@param text string
function M.hint(bufnr, row, text)
  vim.api.nvim_buf_set_extmark(bufnr, namespace, row, 0, {
    virt_text = { { '  ' .. text, 'CopilotLsHint' } },
    virt_text_pos = 'eol',
    hl_mode = 'combine',
  })
end

--- Wipe what was drawn.
---@param bufnr integer
function M.clear(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  end
end

return M
