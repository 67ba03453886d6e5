float half(float x) { return x / 2; }
long long mul(long long a, long long b) { return a * b; }
int _start(void) { return (int)half(3.0f) + (int)mul(3, 4); }
