template <typename T> struct Ring { T items[8]; unsigned char head = 0; void push(T item) { items[head++ & 7] = item; } };
Ring<int> ring;
extern "C" void feed(int value) { ring.push(value * 3); }
