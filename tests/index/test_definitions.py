"""Where names are defined, language by language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_ls.index.definition_patterns import BY_FAMILY
from copilot_ls.index.definitions import find_definitions

CASES = {
    "python": (
        '''
LIMIT: int = 3

class Point(NamedTuple):
    """Prose: that looks like annotations.

    note: so does this
    """
    x: int

    async def move(
        self, dx: int,
    ) -> None:
        self.seen = local = 1
        other = 2

def make(a, b):
    def inner(): ...
    if a == b: pass
''',
        "variable LIMIT, class Point, variable Point.x, function Point.move, variable Point.seen, function make, function inner",
    ),
    "web": (
        """
export default class Store extends Base {
  private items: Map<string, Item> = new Map();
  constructor(readonly url: string) { super(); }
  async load(id: string): Promise<Item> {
    if (id) { return this.items.get(id) }
    const local = 1;
  }
}
export interface Item { }
interface Shape {
  width?: number;
  area(): number;
}
type Id = string | number;
export const limit = 3;
export async function fetchAll(a) { }
""",
        (
            "class Store, variable Store.items, function Store.constructor, function Store.load, class Item, class Shape, "
            "variable Shape.width, function Shape.area, class Id, variable limit, function fetchAll"
        ),
    ),
    "go": (
        """
type Server struct {
	Addr string
	pool *Pool
}
type Handler interface {
	Serve(w Writer) error
}
type Id int
func (s *Server) Listen(ctx context.Context) error {
	return nil
}
func New() *Server { return nil }
var ErrGone = errors.New("gone")
""",
        (
            "class Server, variable Server.Addr, variable Server.pool, class Handler, function Handler.Serve, class Id, "
            "function Server.Listen, function New, variable ErrGone"
        ),
    ),
    "rust": (
        """
pub struct Pool<T> {
    pub size: usize,
}
impl<T> Pool<T> {
    pub fn take(&mut self) -> T { todo!() }
}
impl<T> Drop for Pool<T> {
    fn drop(&mut self) {}
}
pub const MAX: usize = 3;
macro_rules! pool { () => {} }
""",
        "class Pool, variable Pool.size, function Pool.take, function Pool.drop, variable MAX, function pool",
    ),
    "jvm": (
        """
public final class Cache<K> extends Base {
    private static final int MAX = 3;
    private Map<K, String> entries;
    public Cache(int size) { }
    @Override
    public <T> List<T> find(K key, int n) throws IOException {
        return null;
    }
}
""",
        "class Cache, variable Cache.MAX, variable Cache.entries, function Cache.Cache, function Cache.find",
    ),
    "c": (
        """
#define LIMIT 3
struct point {
    int x;
};
static int *find(struct point *p, int n)
{
    int local = 3;
    return 0;
}
""",
        "function LIMIT, class point, variable point.x, function find",
    ),
    "ruby": (
        """
module Shop
  class Cart < Base
    MAX = 3
    attr_reader :items
    def total?(a)
    end
  end
end
""",
        "class Shop, class Shop.Cart, variable Cart.MAX, variable Cart.items, function Cart.total?",
    ),
    "shell": (
        "run_all() {\n  x=1\n}\nfunction stop { :; }\nexport HOME_DIR=/x\n",
        "function run_all, function stop, variable HOME_DIR",
    ),
}


@pytest.mark.parametrize("family", CASES)
def test_declarations_are_found_with_what_contains_them(family):
    text, expected = CASES[family]
    found = find_definitions(text, family)
    shown = [f"{each.kind} {each.container + '.' if each.container else ''}{each.name}" for each in found]
    assert ", ".join(shown) == expected
    lines = text.split("\n")
    for each in found:
        assert each.signature == "\n".join(lines[each.line : each.end])


def test_a_signature_goes_on_until_its_brackets_are_closed():
    (found,) = find_definitions("def make(\n    a,\n    b,\n) -> int:\n    return 1\n", "python")
    assert (found.line, found.end, found.signature) == (0, 4, "def make(\n    a,\n    b,\n) -> int:")


@pytest.mark.parametrize("family", BY_FAMILY)
@pytest.mark.parametrize(
    "unit", [" ", "a ", "a<", "public ", "(", "a::", "a.", "impl a ", "import {", '"""', "\\'", "@a "]
)
@pytest.mark.timeout(20)
def test_machine_written_lines_cost_no_more_than_others(family, unit):
    """Each would take minutes with a pattern that backtracks: the time-out is the assertion."""
    find_definitions("\n".join([unit * 2_000] * 10), family)


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("abC_ \t\n(){}[]<>:=;,.\"'*&#@-") | st.characters(), max_size=400))
def test_any_text_is_taken_apart_without_an_error(text):
    for family in BY_FAMILY:
        n_lines = text.count("\n") + 1
        for each in find_definitions(text, family):
            assert each.name
            assert 0 <= each.line < each.end <= n_lines + 1
