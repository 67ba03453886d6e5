import collections, decimal, fractions, functools, heapq, json, math, random, re, statistics, string, struct, zlib

decimal.getcontext().prec = 60
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7)
print(sum((fractions.Fraction(1, n) for n in range(1, 30)), fractions.Fraction()))
print(math.factorial(60), pow(3, 1000, 10**18 + 9), math.lgamma(0.3), math.erf(0.7), math.sin(1e22), 0.1 + 0.2)
generator = random.Random(42)
print([generator.randrange(1000) for _ in range(8)], generator.gauss(0, 1))
text = " ".join(generator.choice(string.ascii_lowercase) * generator.randrange(1, 4) for _ in range(2000))
print(collections.Counter(re.findall(r"\b(\w)\1+\b", text)).most_common(3), len(re.sub(r"(\w)\1", r"<\1>", text)))
print(hex(zlib.crc32(text.encode())), len(zlib.decompress(zlib.compress(text.encode(), 9))), struct.pack(">dIh", 1.5, 7, -2).hex())

@functools.lru_cache(maxsize=None)
def ways(total, coins):
    if total == 0:
        return 1
    return 0 if total < 0 or not coins else ways(total - coins[0], coins) + ways(total, coins[1:])

print(ways(200, (200, 100, 50, 20, 10, 5, 2, 1)))

class Node:
    __slots__ = ("left", "right")
    def __init__(self, depth):
        self.left = Node(depth - 1) if depth else None
        self.right = Node(depth - 1) if depth else None
    def count(self):
        return 1 + (self.left.count() + self.right.count() if self.left else 0)

print(Node(10).count())
graph = {n: [(n * 7 + 3) % 500, (n * n + 1) % 500] for n in range(500)}
queue, best = [(0, 0)], {}
while queue:
    cost, node = heapq.heappop(queue)
    if node not in best:
        best[node] = cost
        for following in graph[node]:
            heapq.heappush(queue, (cost + (node ^ following), following))
print(len(best), sum(best.values()), statistics.fmean(best.values()))
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
print(deep(900))
try:
    deep(10**6)
except RecursionError as error:
    print(error)
print(json.dumps(json.loads('{"a": [1, 2.5e-3, null, true, "\\u20ac"]}'), sort_keys=True), f"{1234567.891:,.2f}", f"{255:#x}")
print(sorted("Hello World".split(), key=str.lower), [*zip(*[[1, 2], [3, 4]])], {**{"x": 1}, "y": 2})
