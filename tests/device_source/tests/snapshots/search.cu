#define OP2_FUNCTION static __device__
#define OP2_CONSTANT const
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION u64 op2_add_u64(u64 a, u64 b) { return (u64)((u64)a + (u64)b); }
typedef struct { u8 v[4]; } u8_4;
typedef char op2_size_of_u8_4[(sizeof(u8_4) == 4) ? 1 : -1];
typedef struct { u8_4 v[4]; } u8_4_4;
typedef char op2_size_of_u8_4_4[(sizeof(u8_4_4) == 16) ? 1 : -1];
typedef struct { u32 v[2]; } u32_2;
typedef char op2_size_of_u32_2[(sizeof(u32_2) == 8) ? 1 : -1];

#line 71 "tests/device_source/src/language.rs"
OP2_FUNCTION void op2_kernel_search(const u8_4_4 *table_0, u32_2 *found_1)
{
#line 73 "tests/device_source/src/language.rs"
u32 op2_t0;
op2_t0 = 4294967295u;
(*found_1) = u32_2{{op2_t0, op2_t0}};
#line 74 "tests/device_source/src/language.rs"
{
for (usize op2_t1 = ((usize)4u), op2_t2 = ((usize)0u); op2_t1 > op2_t2; --op2_t1) {
{
usize i_2 = (usize)(op2_t1 - 1);
#line 75 "tests/device_source/src/language.rs"
{ const usize op2_t4 = ((usize)3u); boolean op2_t5;
for (usize op2_t3 = (op2_t5 = ((usize)0u) <= op2_t4, ((usize)0u)); op2_t5; op2_t5 = op2_t3 < op2_t4, op2_t3 = op2_add_u64(op2_t3, ((usize)1u))) {
usize j_3 = (usize)(op2_t3);
#line 76 "tests/device_source/src/language.rs"
u32 kind_4;
u8 op2_t6;
op2_t6 = table_0->v[i_2].v[j_3];
if (op2_t6 == ((u8)0) || op2_t6 == ((u8)255))
{
#line 77 "tests/device_source/src/language.rs"
goto op2_continue_1;
}
else if ((op2_t6 >= ((u8)1) && op2_t6 <= ((u8)9)))
{
kind_4 = 1u;
}
else
{
kind_4 = ((u32)j_3);
}
#line 81 "tests/device_source/src/language.rs"
if ((kind_4 == 2u)) {
#line 82 "tests/device_source/src/language.rs"
(*found_1) = u32_2{{((u32)i_2), kind_4}};
#line 83 "tests/device_source/src/language.rs"
goto op2_break_1;
}
}
}
}
op2_continue_1: ;
}
op2_break_1: ;
}
}

#line 1 "op2"
